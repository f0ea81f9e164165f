#include "laws/shrink.h"

#include <algorithm>
#include <utility>

namespace cow::laws {
namespace {

class Shrinker {
 public:
  Shrinker(Case failing, const Fails& fails) : best_(std::move(failing)), fails_(fails) {
    best_.steps.resize(fails_(best_));
  }
  Case run() {
    for (bool better = true; better;) {
      better = remove_chunks();
      better |= simplify_setup();
      better |= merge_names();
      better |= simplify_steps();
      if (!better) better = remove_pairs();
    }
    return std::move(best_);
  }

 private:
  bool accept(Case candidate) {
    const std::size_t length = fails_(candidate);
    if (length == 0) return false;
    candidate.steps.resize(length);
    best_ = std::move(candidate);
    return true;
  }
  bool without(std::size_t from, std::size_t count) {
    Case candidate = best_;
    const auto at = candidate.steps.begin() + static_cast<std::ptrdiff_t>(from);
    candidate.steps.erase(at, at + static_cast<std::ptrdiff_t>(count));
    return accept(std::move(candidate));
  }
  bool remove_chunks() {
    bool any = false;
    for (std::size_t size = std::max<std::size_t>(best_.steps.size() / 2, 1); size > 0; size /= 2)
      for (std::size_t from = 0; from + size <= best_.steps.size();)
        if (without(from, size)) any = true;
        else ++from;
    return any;
  }
  bool remove_pairs() {
    if (best_.steps.size() > 24) return false;
    for (std::size_t i = 0; i < best_.steps.size(); ++i)
      for (std::size_t j = i + 1; j < best_.steps.size(); ++j) {
        Case candidate = best_;
        candidate.steps.erase(candidate.steps.begin() + static_cast<std::ptrdiff_t>(j));
        candidate.steps.erase(candidate.steps.begin() + static_cast<std::ptrdiff_t>(i));
        if (accept(std::move(candidate))) return true;
      }
    return false;
  }
  bool simplify_setup() {
    bool any = false;
    if (best_.setup.frames != kEnoughFrames) {
      Case candidate = best_;
      candidate.setup.frames = kEnoughFrames;
      any |= accept(std::move(candidate));
    }
    while (!best_.setup.files.empty()) {
      Case candidate = best_;
      candidate.setup.files.pop_back();
      const auto shows = [&](const Step& s) {
        return s.op == Op::map && s.backing == Backing::file &&
               index(s.file) >= candidate.setup.files.size();
      };
      if (std::any_of(candidate.steps.begin(), candidate.steps.end(), shows)) break;
      if (!accept(std::move(candidate))) break;
      any = true;
    }
    return any;
  }

  // Everywhere the same: one name for two, in all steps.
  template <class T> bool merge(T Step::*field, std::uint32_t from, std::uint32_t to) {
    Case candidate = best_;
    bool any = false;
    for (Step& s : candidate.steps) {
      if (static_cast<std::uint32_t>(s.*field) != from) continue;
      s.*field = static_cast<T>(to);
      any = true;
    }
    return any && accept(std::move(candidate));
  }
  bool merge_pids(std::uint32_t from, std::uint32_t to) {
    Case candidate = best_;
    bool any = false;
    for (Step& s : candidate.steps)
      for (Pid* p : {&s.process, &s.child})
        if (index(*p) == from) *p = Pid{to}, any = true;
    return any && accept(std::move(candidate));
  }
  bool merge_regions(std::uint32_t from, std::uint32_t to) {
    Case candidate = best_;
    bool any = false;
    for (Step& s : candidate.steps)
      for (Region* r : {&s.region, &s.to})
        if (index(*r) == from) *r = Region{to}, any = true;
    return any && accept(std::move(candidate));
  }
  bool merge_pages(std::uint32_t from, std::uint32_t to) {
    Case candidate = best_;
    bool any = false;
    for (Step& s : candidate.steps)
      for (std::uint32_t* p : {&s.first, &s.last, &s.at})
        if (*p == from && (p != &s.at || s.op == Op::sys_ksm)) *p = to, any = true;
    for (Step& s : candidate.steps) s.last = std::max(s.first, s.last);
    return any && accept(std::move(candidate));
  }
  bool merge_names() {
    bool any = false;
    for (std::uint32_t from = 7; from > 0; --from)
      for (std::uint32_t to = 0; to < from; ++to) {
        any |= merge_pids(from, to);
        any |= merge_pages(from, to);
        any |= merge_regions(from, to);
        any |= merge(&Step::ref, from, to);
        any |= merge(&Step::cell, from, to);
      }
    return any;
  }

  // One field of one step becomes lower.
  template <class T>
  bool lower(std::size_t i, T Step::*field, std::initializer_list<std::uint32_t> values) {
    for (const std::uint32_t v : values) {
      if (static_cast<std::uint32_t>(best_.steps[i].*field) <= v) return false;
      Case candidate = best_;
      candidate.steps[i].*field = static_cast<T>(v);
      if (accept(std::move(candidate))) return true;
    }
    return false;
  }
  template <class T> bool becomes(std::size_t i, T Step::*field, T value) {
    if (best_.steps[i].*field == value) return false;
    Case candidate = best_;
    candidate.steps[i].*field = value;
    return accept(std::move(candidate));
  }
  // A range of one page.
  bool narrows(std::size_t i) {
    const Step& s = best_.steps[i];
    if (s.last == s.first) return false;
    for (const std::uint32_t page : {s.first, s.last}) {
      Case candidate = best_;
      candidate.steps[i].first = candidate.steps[i].last = page;
      if (accept(std::move(candidate))) return true;
    }
    return false;
  }
  bool moves_to_first_page(std::size_t i) {
    if (best_.steps[i].first == 0) return false;
    Case candidate = best_;
    candidate.steps[i].last -= candidate.steps[i].first;
    candidate.steps[i].first = 0;
    return accept(std::move(candidate));
  }
  bool simplify_step(std::size_t i) {
    bool any = narrows(i);
    const auto still = [&] { return i < best_.steps.size(); };
    any |= still() && moves_to_first_page(i);
    any |= still() && lower(i, &Step::process, {0, 1, 2});
    any |= still() && lower(i, &Step::region, {0, 1, 2});
    any |= still() && lower(i, &Step::to, {0, 1, 2});
    any |= still() && lower(i, &Step::count, {1, 2, 3});
    any |= still() && lower(i, &Step::value, {1, 2, 3});
    any |= still() && lower(i, &Step::cell, {0});
    any |= still() && lower(i, &Step::at, {0});
    any |= still() && lower(i, &Step::longterm, {0});
    any |= still() && lower(i, &Step::fast, {0});
    any |= still() && lower(i, &Step::backing, {0});
    any |= still() && lower(i, &Step::share, {0});
    any |= still() && lower(i, &Step::file, {0});
    any |= still() && best_.steps[i].op == Op::map && becomes(i, &Step::prot, Prot::rw);
    return any;
  }
  bool simplify_steps() {
    bool any = false;
    for (std::size_t i = 0; i < best_.steps.size(); ++i) any |= simplify_step(i);
    return any;
  }

  Case best_;
  const Fails& fails_;
};

}  // namespace

Case shrink(Case failing, const Fails& fails) { return Shrinker(std::move(failing), fails).run(); }

}  // namespace cow::laws

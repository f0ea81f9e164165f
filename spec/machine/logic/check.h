// The invariants, run: after a step, every clause over the rows that the step could have changed.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "spec/invariants.h"
#include "spec/machine.h"

namespace cow::spec {

struct Broken {
  std::string clause;
  std::string witness;  // the row that shows it
};

template <class L> class Check {
 public:
  explicit Check(const State<L>& m) : m_(m) {}

  // Looks at what was reached since the tables last forgot. Says each clause that does not hold.
  const std::vector<Broken>& run() & {
    broken_.clear();
    frames_ = m_.page.touched();
    for (const auto* count : {&m_.gets, &m_.pins})
      frames_.insert(frames_.end(), count->touched().begin(), count->touched().end());
    frames_.insert(frames_.end(), m_.mapped.touched().begin(), m_.mapped.touched().end());
    frames_.insert(frames_.end(), m_.more.touched().begin(), m_.more.touched().end());
    for (const SwapId e : m_.swapped.touched())
      if (m_.swap[e].cached) frames_.push_back(m_.swap[e].frame);
    slots_ = m_.pte.touched();
    for (const Slot& s : slots_) frames_.push_back(m_.pte[s].frame);
    unique(frames_);
    for (const auto& [s, row] : m_.pte.all())
      if (row->present && std::binary_search(frames_.begin(), frames_.end(), row->frame))
        slots_.push_back(s);
    unique(slots_);
    invariants(m_, *this);
    for (const Slot& s : slots_)
      if (m_.folio.upper(s).huge && !like_the_first(s)) say("HUGE-4", s);
    for (const Slot& s : slots_)
      if (m_.pte[s].present && is_hugetlb(m_, s) && !m_.folio.upper(s).huge) say("HUGE-8", s);
    return broken_;
  }

  template <class F> void operator()(const char* clause, F f) { each(clause, f, &F::operator()); }
  // The count of each touched owner is the number of its members.
  template <class Count, class Held>
  void counts(const char* clause, const Count& count, Held held) {
    if (count.touched().empty()) return;
    auto owners = count.touched();
    unique(owners);
    for (const auto& o : owners)
      if (count.count(o) != members(held, &Held::operator(), o)) say(clause, o);
  }

 private:
  // The entries of a huge page are alike, and map the pages of one folio in order.
  bool like_the_first(const Slot& s) const {
    const Slot t = m_.folio.start(s);
    const Frame f = m_.frame_at(s), first = m_.frame_at(t);
    const auto* folio = m_.folio.find(first);
    return m_.pte[s].present && m_.pte[s].writable == m_.pte[t].writable &&
           m_.page[f].exclusive == m_.page[first].exclusive && m_.uffd[s].wp == m_.uffd[t].wp &&
           (folio ? f == folio->pages[s.page - t.page] : f == m_.zero_page());
  }
  template <class F, class C> void each(const char* clause, F f, bool (C::*)(Slot) const) {
    for (const Slot& s : slots_)
      if (!f(s)) say(clause, s);
  }
  template <class F, class C> void each(const char* clause, F f, bool (C::*)(Slot, Frame) const) {
    for (const Slot& s : slots_)
      if (m_.pte[s].present && !f(s, m_.frame_at(s))) say(clause, s);
  }
  template <class F, class C> void each(const char* clause, F f, bool (C::*)(Slot, Slot) const) {
    for (const Slot& s : m_.pte.touched())
      for (const auto& [t, row] : m_.pte.all())
        if (row->present && (!f(s, t) || !f(t, s))) say(clause, s);
  }
  template <class F, class C> void each(const char* clause, F f, bool (C::*)(Frame) const) {
    for (const Frame x : frames_)
      if (!f(x)) say(clause, x);
  }
  template <class F, class C, class Key>
  void each(const char* clause, F f, bool (C::*)(Key) const) {
    for (const Key& x : touched(Key{}))
      if (!f(x)) say(clause, x);
  }
  const auto& touched(VmaId) const { return m_.vma.touched(); }
  const auto& touched(ThreadId) const { return m_.copying.touched(); }
  const auto& touched(SwapId) const { return m_.swap.touched(); }
  const auto& touched(const BlockId&) const { return m_.block.touched(); }

  template <class C, class Owner>
  std::uint64_t members(auto held, std::pair<bool, Owner> (C::*)(Slot) const, Owner o) const {
    std::uint64_t n = 0;
    const bool swaps = !m_.swap_pte.all().empty();
    for (const auto& [s, row] : m_.pte.all())
      n += (row->present || swaps) && held(s) == std::pair(true, o);
    return n;
  }
  template <class C, class Owner>
  std::uint64_t members(auto held, std::pair<bool, Owner> (C::*)(RefId) const, Owner o) const {
    std::uint64_t n = 0;
    for (std::uint32_t k = 0; k < m_.ref.size(); ++k) n += held(RefId{k}) == std::pair(true, o);
    return n;
  }
  template <class C, class Owner>
  std::uint64_t members(auto held, std::pair<bool, Owner> (C::*)(ThreadId) const, Owner o) const {
    std::uint64_t n = 0;
    for (std::uint32_t t = 0; t < m_.copying.size(); ++t)
      n += held(ThreadId{t}) == std::pair(true, o);
    return n;
  }

  template <class T> static void unique(std::vector<T>& v) {
    std::sort(v.begin(), v.end(), [](const T& a, const T& b) { return less(a, b); });
    v.erase(std::unique(v.begin(), v.end()), v.end());
  }
  static bool less(const Slot& a, const Slot& b) {
    if (a.process != b.process) return a.process < b.process;
    return a.region != b.region ? a.region < b.region : a.page < b.page;
  }
  static bool less(std::size_t a, std::size_t b) { return a < b; }
  static bool less(Frame a, Frame b) { return a < b; }
  static bool less(SwapId a, SwapId b) { return a < b; }

  void say(const char* clause, const Slot& s) {
    broken_.push_back({clause, "P" + std::to_string(index(s.process)) + " region " +
                                   std::to_string(index(s.region)) + " page " +
                                   std::to_string(s.page)});
  }
  void say(const char* clause, Frame f) {
    broken_.push_back({clause, "frame " + std::to_string(index(f))});
  }
  void say(const char* clause, const BlockId& b) {
    broken_.push_back(
        {clause, "object " + std::to_string(b.object) + " page " + std::to_string(b.page)});
  }
  template <class Key> void say(const char* clause, Key k) {
    broken_.push_back({clause, "row " + std::to_string(static_cast<std::size_t>(k))});
  }

  const State<L>& m_;
  std::vector<Slot> slots_;
  std::vector<Frame> frames_;
  std::vector<Broken> broken_;
};

}  // namespace cow::spec

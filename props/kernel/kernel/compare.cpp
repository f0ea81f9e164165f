#include "kernel/compare.h"

#include <string>

#include "trace/words.h"

namespace cow::kernel {
namespace {

std::string word(Outcome o) { return std::string(trace::kOutcomeWords[trace::index_of(o)]); }
std::string word(Kind k) { return std::string(trace::kKindWords[trace::index_of(k)]); }

Disagreement differ(Sort sort, std::string expected, std::string seen) {
  return {sort, 0, std::move(expected), std::move(seen), std::nullopt};
}
Disagreement differ_at(const Slot& slot, Sort sort, std::string expected, std::string seen) {
  return {sort, 0, std::move(expected), std::move(seen), slot};
}

Sort sort_of(Outcome want, Outcomes seen) {
  const Outcomes in_place = any_of(Outcome::reused, Outcome::hit, Outcome::enabled);
  if (want == Outcome::copied && seen != 0 && (seen & ~in_place) == 0) return Sort::missed_copy;
  if (want == Outcome::reused && seen == any_of(Outcome::copied)) return Sort::stray_copy;
  return Sort::other;
}

}  // namespace

void Comparison::before(const Step& step) {
  const bool at_page = step.op >= Op::read && step.op <= Op::pin;
  was_ = at_page ? spec_.pte({step.process, step.region, step.first}) : PteView{};
  if (window_.sight() == Sight::events) shmem_pages_ = spec_.allocated(Kind::shmem);
}

std::optional<Disagreement> Comparison::answers(const Step& step, const Result& want,
                                                const Seen& seen) const {
  // The kernel maps around a fault what the machines map one by one.
  const bool around = !was_.present && seen.before.present && seen.outcomes == any_of(Outcome::hit);
  const bool blind = window_.sight() == Sight::contents && seen.outcomes == any_of(Outcome::hit);
  const bool by_cache = want.outcome == Outcome::filled || want.outcome == Outcome::enabled;
  if (!contains(seen.outcomes, want.outcome) && !(by_cache && (around || blind)))
    return differ(sort_of(want.outcome, seen.outcomes), word(want.outcome), print(seen.outcomes));
  if (refused(want.outcome)) return std::nullopt;
  if (seen.events)
    if (auto d = events(step, want.outcome, seen)) return d;
  if (!want.has_value) return std::nullopt;
  if (!seen.has_value)
    return differ(Sort::wrong_value, "value " + std::to_string(want.value), "no value");
  if (seen.value != want.value)
    return differ(Sort::wrong_value, "value " + std::to_string(want.value),
                  "value " + std::to_string(seen.value));
  return std::nullopt;
}

// Files have all their pages from the start; shared memory gets them when first touched.
std::optional<Disagreement> Comparison::events(const Step& step, Outcome want,
                                               const Seen& seen) const {
  const Happened& real = *seen.events;
  if (real.lost) return differ(Sort::lost, "all events", "events that the kernel dropped");
  const bool by_force = step.op == Op::force_read || step.op == Op::force_write;
  const bool faults = seen.outcomes != any_of(Outcome::hit);
  if (!by_force && (real.faults != 0) != faults)
    return differ(Sort::other, word(want) + (faults ? ", a fault" : ", no fault"),
                  std::to_string(real.faults) + " page faults traced");
  const bool own = want == Outcome::copied || want == Outcome::fresh;
  const std::uint32_t pages = own ? 1 : spec_.allocated(Kind::shmem) - shmem_pages_;
  const std::string expected = word(want) + ", pages allocated: " + std::to_string(pages);
  if (real.allocated != pages) {
    const Sort sort = want == Outcome::copied   ? Sort::missed_copy
                      : want == Outcome::reused ? Sort::stray_copy
                                                : Sort::other;
    return differ(sort, expected, std::to_string(real.allocated) + " traced");
  }
  if (own && seen.after.present && seen.after.frame - real.frame >= real.frames)
    return differ(Sort::other, expected, "another page than that is mapped");
  return std::nullopt;
}

std::optional<Disagreement> Comparison::entries(const Step& step, const Stage& stage) {
  if (window_.sight() == Sight::contents) return std::nullopt;
  present_.clear();
  around_.clear();
  pairs_.forget_freed([&](Frame f) { return spec_.page(f).kind == Kind::none; });
  for (std::uint32_t p = 0; p < plan_.processes; ++p) {
    const bool lives = stage.alive(Pid{p});
    if (lives != spec_.alive(Pid{p}))
      return differ(Sort::other, "P" + std::to_string(p) + (lives ? " dead" : " alive"),
                    lives ? "alive" : "dead");
    for (std::uint32_t r = 0; lives && r < plan_.regions.size(); ++r) {
      if (stage.pages_in(Pid{p}, Region{r}) == 0) continue;
      const Place& place = plan_.regions[r];
      for (std::size_t i = 0; i < place.pages.size(); ++i) {
        const Slot slot{Pid{p}, Region{r}, place.pages[i]};
        if (auto d = presence({slot, spec_.pte(slot), stage.entry(Pid{p}, place.row + i)}))
          return d;
      }
    }
  }
  for (const Both& both : present_)
    if (auto d = page(step, both)) return d;
  return sees_frames(window_.sight()) ? mapcounts() : std::nullopt;
}

// An entry of the page cache or shared memory, in an area of such, that the specification has not
// filled yet.
bool Comparison::mapped_around(const Slot& slot, const PteView& want, const Entry& real) const {
  if (want.mapped != Mapped::yes || want.present || !real.file) return false;
  return spec_.m.vma[spec_.m.area.of(slot)].file;
}

std::optional<Disagreement> Comparison::presence(const Both& both) {
  ++looked_;
  if (both.want.present && both.real.present) {
    present_.push_back(both);
    return std::nullopt;
  }
  if (both.want.present == both.real.present) return std::nullopt;
  if (mapped_around(both.slot, both.want, both.real)) {
    ++around_[both.real.frame];
    return std::nullopt;
  }
  return differ_at(both.slot, Sort::other, both.want.present ? "present" : "not present",
                   both.real.present ? "present" : "not present");
}

std::optional<Disagreement> Comparison::page(const Step& step, const Both& both) {
  const PageView want = spec_.page(both.want.frame);
  const bool file = want.kind == Kind::file || want.kind == Kind::shmem;
  if (both.real.file != file)
    return differ_at(both.slot, Sort::other, "kind " + word(want.kind),
                     both.real.file ? "a file's or shared page" : "no file's or shared page");
  if (sees_frames(window_.sight())) return identity(step, both, want);
  if (want.kind == Kind::anon && both.real.sole != (want.mapcount == 1))
    return differ_at(both.slot, want.mapcount == 1 ? Sort::other : Sort::missed_copy,
                     "mapcount " + std::to_string(want.mapcount),
                     both.real.sole ? "mapped once" : "mapped not just once");
  return std::nullopt;
}

std::optional<Disagreement> Comparison::identity(const Step& step, const Both& both,
                                                 const PageView& want) {
  const bool first = !pairs_.known(both.want.frame);
  if (const auto clash = pairs_.meet(both.want.frame, both.real.frame)) {
    if (*clash == FramePairs::Clash::kernel_shares)
      return differ_at(both.slot, Sort::missed_copy, "a frame that no other page has",
                       "the frame of another page");
    // These take their faults unseen: that they moved the page is all that shows of a copy.
    const bool unseen = step.op == Op::pin || step.op == Op::lock || step.op == Op::protect;
    const bool own = unseen && both.slot.process == step.process &&
                     both.slot.region == step.region && both.slot.page >= step.first &&
                     both.slot.page <= step.last;
    return differ_at(both.slot, own && want.kind == Kind::anon ? Sort::stray_copy : Sort::other,
                     "the frame that the page had elsewhere or before", "another frame");
  }
  if (!first) return std::nullopt;
  const Kind kind = kind_of(window_.flags(both.real.frame));
  if (kind == want.kind) return std::nullopt;
  return differ_at(both.slot, Sort::other, "kind " + word(want.kind), "kind " + word(kind));
}

// Of each frame once would do; entries that share one are few.
std::optional<Disagreement> Comparison::mapcounts() const {
  for (const Both& both : present_) {
    const PageView want = spec_.page(both.want.frame);
    if (want.kind == Kind::zero) continue;
    const auto at = around_.find(both.real.frame);
    const std::uint64_t wanted = want.mapcount + (at == around_.end() ? 0 : at->second);
    const std::uint64_t seen = window_.mapcount(both.real.frame);
    if (seen == wanted) continue;
    return differ_at(both.slot, Sort::other, "mapcount " + std::to_string(wanted),
                     "mapcount " + std::to_string(seen));
  }
  return std::nullopt;
}

bool Comparison::readable(const Slot& slot) const {
  const PteView entry = spec_.pte(slot);
  return entry.present && spec_.m.vma[spec_.m.area.of(slot)].read;
}

std::optional<Disagreement> Comparison::contents(Stage& stage) const {
  for (std::uint32_t p = 0; p < plan_.processes; ++p)
    for (std::uint32_t r = 0; r < plan_.regions.size(); ++r)
      if (stage.pages_in(Pid{p}, Region{r}) > 0)
        if (auto d = contents_of(stage, Pid{p}, Region{r})) return d;
  return std::nullopt;
}

std::optional<Disagreement> Comparison::contents_of(Stage& stage, Pid p, Region r) const {
  const std::vector<std::uint32_t>& pages = plan_.regions[index(r)].pages;
  for (std::size_t from = 0; from < pages.size();) {
    if (!readable({p, r, pages[from]})) {
      ++from;
      continue;
    }
    std::size_t end = from + 1;
    while (end < pages.size() && end - from < kPeekPages && pages[end] == pages[end - 1] + 1 &&
           readable({p, r, pages[end]}))
      ++end;
    const Slot slot{p, r, pages[from]};
    const auto bytes = stage.peek(slot, static_cast<std::uint32_t>(end - from));
    if (!bytes) return differ_at(slot, Sort::other, "a page that can be read", "a signal");
    for (std::size_t i = 0; i < bytes->size(); ++i) {
      const Slot at{p, r, pages[from + i / kCells]};
      const std::uint8_t want = spec_.page(spec_.pte(at).frame).cells[i % kCells];
      if (want == (*bytes)[i]) continue;
      return differ_at(at, Sort::wrong_value,
                       "byte " + std::to_string(i % kCells) + " = " + std::to_string(want),
                       std::to_string((*bytes)[i]));
    }
    from = end;
  }
  return std::nullopt;
}

}  // namespace cow::kernel

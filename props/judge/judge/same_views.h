// Compares what two machines show. Frames are compared by a bijection: equal places, equal pages.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "cow/view.h"
#include "judge/disagreement.h"
#include "judge/references.h"
#include "judge/scan.h"

namespace cow::judge {

// Which frame of one machine is which of the other, as far as an entry or a reference shows them.
class FramePairs {
 public:
  enum class Pairing { known, fresh, broken };

  void next_step() { ++step_; }
  // `fresh` the first time in a step. A frame seen in the last step keeps its partner, since no
  // machine frees a frame and takes it again in one step.
  Pairing pair(Frame left, Frame right) {
    Partner& to = at(right_of_, left);
    Partner& from = at(left_of_, right);
    if (to.step == step_ || from.step == step_)
      return to.step == from.step && to.frame == right && from.frame == left ? Pairing::known
                                                                             : Pairing::broken;
    const bool moved = (to.step + 1 == step_ && to.frame != right) ||
                       (from.step + 1 == step_ && from.frame != left);
    to = {right, step_};
    from = {left, step_};
    return moved ? Pairing::broken : Pairing::fresh;
  }
  // The partner in the last compared step; kNoFrame where there was none.
  [[nodiscard]] Frame right_of(Frame left) const {
    if (index(left) >= right_of_.size()) return kNoFrame;
    const Partner& p = right_of_[index(left)];
    return p.step == step_ ? p.frame : kNoFrame;
  }

 private:
  struct Partner {
    Frame frame = kNoFrame;
    std::uint64_t step = 0;  // 0: never
  };
  static Partner& at(std::vector<Partner>& all, Frame f) {
    if (index(f) >= all.size()) all.resize(index(f) + 1);
    return all[index(f)];
  }
  std::vector<Partner> right_of_, left_of_;
  std::uint64_t step_ = 1;
};

inline std::string word(bool b) { return b ? "yes" : "no"; }
inline std::string word(std::uint64_t n) { return std::to_string(n); }
inline std::string word(Kind k) {
  constexpr const char* words[] = {"none", "anon", "file", "shmem", "zero", "ksm"};
  return words[static_cast<std::size_t>(k)];
}
inline std::string word(Mapped m) {
  constexpr const char* words[] = {"nosuch", "gone", "yes"};
  return words[static_cast<std::size_t>(m)];
}
inline std::string word(Share s) { return s == Share::private_ ? "private" : "shared"; }

template <class Left, class Right> class SameViews {
 public:
  // `seen`: what Left's entries are. Everything that differs goes to `out`.
  void compare(const Left& left, const Right& right, const std::vector<Seen>& seen,
               const Watched& watched, const References& references, Disagreements& out) {
    pairs_.next_step();
    out_ = &out;
    for (const Seen& s : seen) {
      slot_ = s.slot;
      const PteView entry = right.pte(s.slot);
      same_entry(s.entry, entry);
      if (s.entry.swapped)
        same(kSameEntry, "in the swap cache", s.entry.frame != kNoFrame, entry.frame != kNoFrame);
      if (s.entry.frame != kNoFrame) same_frame(left, right, s.entry.frame, entry.frame);
    }
    slot_.reset();
    for (const Reference& r : references.live()) same_reference(left, right, r.name);
    ref_.reset();
    for (std::uint32_t p = 0; p < watched.rows().size(); ++p) same_process(left, right, Pid{p});
    same_memory(left, right);
    out_ = nullptr;
  }
  // A step that is not compared: frames may have been freed and taken again.
  void skip() { pairs_.next_step(); }
  [[nodiscard]] const FramePairs& pairs() const { return pairs_; }

 private:
  template <class T> void same(const char* clause, const char* what, T left, T right) {
    if (left != right) differ(clause, what, word(left), word(right));
  }
  void differ(const char* clause, const char* what, const std::string& left,
              const std::string& right) {
    out_->push_back({clause,
                     std::string(what) + ": specification " + left + ", implementation " + right,
                     slot_, ref_});
  }

  void same_entry(const PteView& l, const PteView& r) {
    const bool equal = l.mapped == r.mapped && l.share == r.share && l.present == r.present &&
                       l.writable == r.writable && l.dirty == r.dirty && l.young == r.young &&
                       l.huge == r.huge && l.swapped == r.swapped && l.swapcount == r.swapcount;
    if (equal) return;
    same(kSameEntry, "mapped", l.mapped, r.mapped);
    same(kSameEntry, "mapping", l.share, r.share);
    same(kSameEntry, "present", l.present, r.present);
    same(kSameEntry, "writable", l.writable, r.writable);
    same(kSameEntry, "dirty", l.dirty, r.dirty);
    same(kSameEntry, "young", l.young, r.young);
    same(kSameEntry, "huge", l.huge, r.huge);
    same(kSameEntry, "swapped", l.swapped, r.swapped);
    same(kSameEntry, "swapcount", std::uint64_t{l.swapcount}, std::uint64_t{r.swapcount});
  }
  void same_frame(const Left& left, const Right& right, Frame l, Frame r) {
    if (r == kNoFrame) return;  // said already: one is not present
    switch (pairs_.pair(l, r)) {
      case FramePairs::Pairing::known: return;
      case FramePairs::Pairing::broken:
        return differ(kSamePage, "frame", std::to_string(index(l)), std::to_string(index(r)));
      case FramePairs::Pairing::fresh: return same_page(left.page(l), right.page(r));
    }
  }
  void same_page(const PageView& l, const PageView& r) {
    if (l == r) return;
    same(kSamePage, "kind", l.kind, r.kind);
    same(kSamePage, "ksm", l.ksm, r.ksm);
    same(kSamePage, "exclusive", l.exclusive, r.exclusive);
    same(kSamePage, "mapcount", std::uint64_t{l.mapcount}, std::uint64_t{r.mapcount});
    same(kSamePage, "pins", std::uint64_t{l.pins}, std::uint64_t{r.pins});
    same(kSamePage, "refcount", l.refcount, r.refcount);
    for (std::size_t c = 0; c < kCells; ++c)
      same(kSamePage, "byte", std::uint64_t{l.cells[c]}, std::uint64_t{r.cells[c]});
  }
  void same_reference(const Left& left, const Right& right, Ref k) {
    ref_ = k;
    const Frame l = left.frame_of(k), r = right.frame_of(k);
    same(kSameReference, "taken", l != kNoFrame, r != kNoFrame);
    if (l != kNoFrame) same_frame(left, right, l, r);
  }
  void same_process(const Left& left, const Right& right, Pid p) {
    same(kSameCounts, "alive", left.alive(p), right.alive(p));
    if (!left.alive(p)) return;
    const Rss l = left.rss(p), r = right.rss(p);
    if (l == r) return;
    same(kSameCounts, "rss anon", std::uint64_t{l.anon}, std::uint64_t{r.anon});
    same(kSameCounts, "rss file", std::uint64_t{l.file}, std::uint64_t{r.file});
    same(kSameCounts, "rss shmem", std::uint64_t{l.shmem}, std::uint64_t{r.shmem});
    same(kSameCounts, "rss swap", std::uint64_t{l.swap}, std::uint64_t{r.swap});
  }
  void same_memory(const Left& left, const Right& right) {
    for (const Kind k : {Kind::anon, Kind::file, Kind::shmem, Kind::ksm})
      if (const std::uint32_t l = left.allocated(k), r = right.allocated(k); l != r)
        differ(kSameCounts, ("pages " + word(k)).c_str(), std::to_string(l), std::to_string(r));
  }

  FramePairs pairs_;
  Disagreements* out_ = nullptr;
  std::optional<Slot> slot_;  // what is being compared
  std::optional<Ref> ref_;
};

}  // namespace cow::judge

// What a thread remembers between two events of a step, and what processors may remember of an
// entry.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cow/outcome.h"
#include "cow/step.h"
#include "logic/concrete.h"

namespace cow::spec {

// mmap_lock, as a thread holds it between two events.
enum class Held : std::uint8_t { none, read, write };

// What a thread does next.
enum class At : std::uint8_t {
  idle,
  begin,
  look,
  contents,
  switching,
  letting_go,
  bytes,
  entries,
  flush,
  releasing
};

struct Activity {
  Step step;
  At at = At::idle;
  Held lock = Held::none;
  std::optional<Outcome> first;  // what the first fault came to
  bool present_before = false;   // of a forced access: see Machine::Forced
  int faults = 0;
  std::vector<Slot> entries;  // still to be copied or zapped, the last one first; tables of uffd_wp
  std::vector<RefId> holds;   // zapped pages until the flush; a forced access's page; a copied one
  Outcome outcome = Outcome::ok;  // of a fork
};

using Activities = std::vector<Activity>;  // by thread

inline bool is_through_reference(const Step& step) {
  return step.op >= Op::ref_read && step.op <= Op::unpin;
}
inline bool is_system(const Step& step) {
  return step.op >= Op::sys_ref && step.op != Op::sys_clear_refs;
}
inline bool is_access(Op op) { return op >= Op::read && op <= Op::pin; }

// A child does not run before its fork is done (FORK-1).
inline bool is_being_born(const Activities& all, Pid p) {
  for (const Activity& a : all)
    if (a.at >= At::entries && a.step.op == Op::fork && a.step.child == p) return true;
  return false;
}
// While it write-protects; its flush comes after that.
inline bool fork_runs(const Activities& all, Pid p) {
  for (const Activity& a : all)
    if (a.at <= At::entries && a.lock == Held::write && a.step.op == Op::fork &&
        a.step.process == p)
      return true;
  return false;
}
// FORK-10. Readers of an mm exclude writers, and writers everybody.
inline bool can_lock(const Activities& all, const Activity& who, bool write) {
  for (const Activity& a : all)
    if (&a != &who && a.step.process == who.step.process && a.lock != Held::none &&
        (write || a.lock == Held::write))
      return false;
  return true;
}

constexpr std::uint64_t cpu_bit(const Step& step) { return std::uint64_t{1} << step.thread % 64; }

// A translation that processors may still have.
struct Stale {
  ThreadId until_flush_of;
  Slot slot;
  Frame frame;
  bool writable;
  std::uint64_t cpus = ~std::uint64_t{0};  // bit n: CPU n may have it
};

// Whose TLBs may have what, until the step that changed the entry flushes (ORD-4, ORD-5).
class StaleTranslations {
 public:
  const std::vector<Stale>& all() const { return all_; }
  void add(const Stale& s) { all_.push_back(s); }
  void flush(ThreadId t) {
    std::erase_if(all_, [&](const Stale& s) { return s.until_flush_of == t; });
  }
  // Nobody uses any of the page's from here on; until the step's own flush they are still listed.
  void flush(const Slot& s) {
    for (Stale& stale : all_)
      if (stale.slot == s) stale.cpus = 0;
  }
  // A processor that has looked at the entry has no older translation of it.
  void looked(const Step& step, const Slot& s) {
    for (Stale& stale : all_)
      if (stale.slot == s) stale.cpus &= ~cpu_bit(step);
  }

 private:
  std::vector<Stale> all_;
};

}  // namespace cow::spec

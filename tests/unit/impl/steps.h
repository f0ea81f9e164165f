// Short names for steps, and a machine that checks its own counts after each of them, beside one
// whose fork shares tables, which has to show the same.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string_view>

#include "cow/outcome.h"
#include "cow/step.h"
#include "impl/machine.h"
#include "same_facts.h"

namespace cow {

constexpr std::array<std::string_view, 16> kOutcomeNames = {
    "ok",      "hit",  "zero", "fresh",  "filled", "copied", "reused", "enabled",
    "swapped", "uffd", "segv", "sigbus", "oom",    "nosuch", "inval",  "busy"};
inline std::ostream& operator<<(std::ostream& out, Outcome o) {
  return out << kOutcomeNames[static_cast<std::size_t>(o)];
}
inline std::ostream& operator<<(std::ostream& out, const Result& r) {
  out << r.outcome;
  if (r.has_value) out << " = " << int{r.value};
  return out;
}

namespace test {

inline constexpr Pid P0{0}, P1{1}, P2{2}, P3{3};
inline constexpr Region a{0}, b{1}, c{2}, d{3};
inline constexpr Ref k{0}, k2{1};
inline constexpr File F{0};

struct At {  // a place: region, page, cell
  Region region;
  std::uint32_t page = 0;
  std::uint8_t cell = 0;
};
struct Range {
  Region region;
  std::uint32_t first;
  std::uint32_t last;
};

inline Step on(Op op, Pid p, At at) {
  Step s;
  s.op = op;
  s.process = p;
  s.region = at.region;
  s.first = s.last = at.page;
  s.cell = at.cell;
  return s;
}
inline Step over(Op op, Pid p, Range r) {
  Step s = on(op, p, {r.region, r.first});
  s.last = r.last;
  return s;
}
inline Step map_anon(Pid p, Region r, std::uint32_t pages, Prot prot = Prot::rw,
                     Share share = Share::private_) {
  Step s = on(Op::map, p, {r});
  s.count = pages;
  s.prot = prot;
  s.share = share;
  return s;
}
inline Step map_file(Pid p, Region r, std::uint32_t pages, Share share, std::uint32_t at = 0,
                     Prot prot = Prot::rw) {
  Step s = map_anon(p, r, pages, prot, share);
  s.backing = Backing::file;
  s.file = F;
  s.at = at;
  return s;
}
inline Step unmap(Pid p, Range r) { return over(Op::unmap, p, r); }
inline Step protect(Pid p, Range r, Prot prot) {
  Step s = over(Op::protect, p, r);
  s.prot = prot;
  return s;
}
inline Step advise(Pid p, Range r, Advice advice) {
  Step s = over(Op::advise, p, r);
  s.advice = advice;
  return s;
}
inline Step remap(Pid p, Range r, Region to) {
  Step s = over(Op::remap, p, r);
  s.to = to;
  return s;
}
inline Step lock(Pid p, Range r) { return over(Op::lock, p, r); }
inline Step unlock(Pid p, Range r) { return over(Op::unlock, p, r); }
inline Step fork(Pid p, Pid child) {
  Step s = on(Op::fork, p, {});
  s.child = child;
  return s;
}
inline Step exit(Pid p) { return on(Op::exit, p, {}); }
inline Step read(Pid p, At at) { return on(Op::read, p, at); }
inline Step write(Pid p, At at, std::uint8_t value) {
  Step s = on(Op::write, p, at);
  s.value = value;
  return s;
}
inline Step force_read(Pid p, At at) { return on(Op::force_read, p, at); }
inline Step force_write(Pid p, At at, std::uint8_t value) {
  Step s = on(Op::force_write, p, at);
  s.value = value;
  return s;
}
enum class How { get, pin, long_pin };
inline Step pin(Pid p, Ref ref, At at, Prot prot, How how = How::pin) {
  Step s = on(Op::pin, p, at);
  s.ref = ref;
  s.prot = prot;
  s.foll_pin = how != How::get;
  s.longterm = how == How::long_pin;
  return s;
}
inline Step through(Op op, Ref ref, std::uint8_t value = 0) {
  Step s;
  s.op = op;
  s.ref = ref;
  s.value = value;
  return s;
}
inline Step sys_ref(Pid p, At at) { return on(Op::sys_ref, p, at); }
inline Step sys_unref(Pid p, At at) { return on(Op::sys_unref, p, at); }
inline Step sys_swapout(Pid p, At at) { return on(Op::sys_swapout, p, at); }
inline Step sys_migrate(Pid p, At at) { return on(Op::sys_migrate, p, at); }
inline Step sys_ksm(Pid p, At at, Pid other, At there) {
  Step s = on(Op::sys_ksm, p, at);
  s.child = other;
  s.to = there.region;
  s.at = there.page;
  return s;
}
inline Step uffd_wp(Pid p, Range r, bool set) {
  Step s = over(Op::uffd_wp, p, r);
  s.on = set;
  return s;
}
inline Step clear_refs(Pid p) { return on(Op::sys_clear_refs, p, {}); }
inline Step fail(Op op, std::uint32_t nth) {
  Step s;
  s.op = op;
  s.count = nth;
  return s;
}

inline Setup files(std::uint32_t pages, std::uint8_t value) {
  Setup setup;
  setup.files.push_back({pages, value});
  return setup;
}

inline Result saw(Outcome o, std::uint8_t value) { return {o, true, value}; }

// A machine under one rule set, and one that shares tables. They need tables at different times:
// the first that cannot be had ends the comparison.
class Checked {
 public:
  explicit Checked(std::string_view rule = "5.14", const Setup& setup = {})
      : machine(setup, *find_rules(rule)), sharing(setup, *find_rules(rule)) {}

  Result operator()(const Step& s) {
    const Result r = machine.run(s);
    const auto wrong = machine.check_counts();
    EXPECT_FALSE(wrong.has_value()) << *wrong;
    if (comparable_) compare(s, r);
    return r;
  }
  void reset(std::string_view rule, const Setup& setup) {
    machine.reset(setup, *find_rules(rule));
    sharing.reset(setup, *find_rules(rule));
    comparable_ = true;
  }
  Outcome outcome(const Step& s) { return (*this)(s).outcome; }

  PteView pte(Pid p, At at) const { return machine.pte({p, at.region, at.page}); }
  PageView page(Pid p, At at) const { return machine.page(pte(p, at).frame); }
  Frame frame(Pid p, At at) const { return pte(p, at).frame; }

  impl::Machine machine;
  impl::SharedTablesMachine sharing;

 private:
  void compare(const Step& s, const Result& expected) {
    const Result seen = sharing.run(s);
    comparable_ = !machine.table_failed_last_step() && !sharing.table_failed_last_step();
    if (!comparable_) return;
    EXPECT_EQ(seen, expected) << "with shared tables";
    const auto wrong = sharing.check_counts(), other = facts_.differ(machine, sharing);
    EXPECT_FALSE(wrong.has_value()) << "with shared tables: " << *wrong;
    EXPECT_FALSE(other.has_value()) << "with shared tables: " << *other;
  }

  SameFacts<impl::Machine, impl::SharedTablesMachine> facts_;
  bool comparable_ = true;
};

}  // namespace test
}  // namespace cow

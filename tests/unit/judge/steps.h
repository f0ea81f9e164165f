// Short ways to write steps in a test.
#pragma once

#include "cow/step.h"

namespace cow::judge {

inline constexpr Pid P0{0}, P1{1}, P2{2};
inline constexpr Region a{0}, b{1};
inline constexpr Ref k{0}, l{1};

inline Step on(Op op, Pid p, Region r, std::uint32_t page = 0) {
  Step s;
  s.op = op;
  s.process = p;
  s.region = r;
  s.first = s.last = page;
  return s;
}
inline Step map(Pid p, Region r, std::uint32_t count, Prot prot = Prot::rw) {
  Step s = on(Op::map, p, r);
  s.count = count;
  s.prot = prot;
  return s;
}
inline Step map_file(Pid p, Region r, Share share) {
  Step s = map(p, r, 1);
  s.backing = Backing::file;
  s.share = share;
  return s;
}
inline Step map_shmem(Pid p, Region r) {
  Step s = map(p, r, 1);
  s.share = Share::shared;
  return s;
}
inline Step write(Pid p, Region r, std::uint8_t value, std::uint32_t page = 0) {
  Step s = on(Op::write, p, r, page);
  s.value = value;
  return s;
}
inline Step force_write(Pid p, Region r, std::uint8_t value) {
  Step s = write(p, r, value);
  s.op = Op::force_write;
  return s;
}
inline Step read(Pid p, Region r, std::uint32_t page = 0) { return on(Op::read, p, r, page); }
inline Step unmap(Pid p, Region r) { return on(Op::unmap, p, r); }
inline Step protect(Pid p, Region r, Prot prot) {
  Step s = on(Op::protect, p, r);
  s.prot = prot;
  return s;
}
inline Step advise(Pid p, Region r, Advice advice) {
  Step s = on(Op::advise, p, r);
  s.advice = advice;
  return s;
}
inline Step fork(Pid p, Pid child) {
  Step s;
  s.op = Op::fork;
  s.process = p;
  s.child = child;
  return s;
}
inline Step exit(Pid p) {
  Step s;
  s.op = Op::exit;
  s.process = p;
  return s;
}
inline Step pin(Pid p, Ref ref, Region r, Prot prot, bool foll_pin) {
  Step s = on(Op::pin, p, r);
  s.ref = ref;
  s.prot = prot;
  s.foll_pin = foll_pin;
  return s;
}
inline Step of_ref(Op op, Ref ref, std::uint8_t value = 0) {
  Step s;
  s.op = op;
  s.ref = ref;
  s.value = value;
  return s;
}
inline Step ref_write(Ref ref, std::uint8_t value) { return of_ref(Op::ref_write, ref, value); }
inline Step ref_read(Ref ref) { return of_ref(Op::ref_read, ref); }
inline Step fail(Op op, std::uint32_t count) {
  Step s;
  s.op = op;
  s.count = count;
  return s;
}

}  // namespace cow::judge

// One page, one fork, two writes: who copies, who reuses? Build it against the installed package:
//   find_package(cow REQUIRED)
//   target_link_libraries(fork_and_write PRIVATE cow::impl)
#include <cstdio>

#include "impl/machine.h"

int main() {
  using namespace cow;
  const Pid parent{0}, child{1};
  impl::Machine machine(Setup{}, *find_rules("5.14"));

  Step map;
  map.op = Op::map;
  map.process = parent;
  map.count = 1;  // page 0 of region 0
  machine.run(map);

  Step write;
  write.op = Op::write;
  write.process = parent;
  write.value = 1;
  machine.run(write);

  Step fork;
  fork.op = Op::fork;
  fork.process = parent;
  fork.child = child;
  machine.run(fork);

  const Outcome first = machine.run(write).outcome;  // the parent's
  write.process = child;
  const Outcome second = machine.run(write).outcome;
  const bool right = first == Outcome::copied && second == Outcome::reused;
  std::printf("the first writer %s, the last one %s\n", right ? "copies" : "?",
              right ? "reuses" : "?");
  return right ? 0 : 1;
}

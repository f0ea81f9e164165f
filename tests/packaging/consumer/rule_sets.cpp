// An outside user of the specification: one fork and two writes under every rule set.
#include <cstdio>

#include "logic/show.h"

int main() {
  using namespace cow;
  for (const Rules& rules : kRules) {
    spec::Specification machine(Setup{}, rules);
    Step map;
    map.op = Op::map;
    map.count = 1;
    if (machine.run(map).outcome != Outcome::ok) return 1;
    Step write;
    write.op = Op::write;
    write.value = 1;
    if (machine.run(write).outcome != Outcome::fresh) return 1;
    Step fork;
    fork.op = Op::fork;
    fork.child = Pid{1};
    if (machine.run(fork).outcome != Outcome::ok) return 1;
    if (machine.run(write).outcome != Outcome::copied) return 1;
    std::printf("%.*s: the first writer copies\n", static_cast<int>(rules.name.size()),
                rules.name.data());
  }
  return 0;
}

// The named references that live, and what was promised of them.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "cow/step.h"
#include "logic/ideal_machine.h"

namespace cow::judge {

struct Reference {
  Ref name{};
  bool promised = false;  // FOLL_PIN or writable: stays on its owner's frame; a `get ro` may not
  bool told = false;      // it has parted, and that was said
  // What the object that it names holds, also when no page holds that object any more.
  std::array<spec::IdealLogic::Cell, kCells> object{};
};

class References {
 public:
  // After the ideal machine took the step.
  void note(const Step& step, const spec::IdealMachine& ideal) {
    if (step.op == Op::pin) {
      Reference r{step.ref, step.foll_pin || step.prot == Prot::rw, false, {}};
      for (std::uint8_t cell = 0; cell < kCells; ++cell)
        r.object[cell] = ideal.read({step.process, step.region, step.first}, cell);
      live_.push_back(r);
    } else if (step.op == Op::unpin) {
      std::erase_if(live_, [&](const Reference& r) { return r.name == step.ref; });
    }
  }
  // The object was written.
  void write(const spec::IdealMachine& ideal, std::uint32_t object, std::uint8_t cell) {
    for (Reference& r : live_)
      if (ideal.names(r.name) && ideal.object(r.name) == object)
        r.object[cell] = ideal.last_write();
  }
  [[nodiscard]] const Reference* find(Ref k) const {
    for (const Reference& r : live_)
      if (r.name == k) return &r;
    return nullptr;
  }
  [[nodiscard]] std::vector<Reference>& live() { return live_; }
  [[nodiscard]] const std::vector<Reference>& live() const { return live_; }

 private:
  std::vector<Reference> live_;
};

}  // namespace cow::judge

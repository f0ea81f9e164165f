// Every build of the implementation that is explored. To add one: a line in kBuilds, and its
// machine beside explored_machine.h.
#pragma once

#include <string_view>
#include <tuple>

#include "interleave/executions.h"
#include "interleave/explored_machine.h"

namespace cow::interleave {

template <class B> struct ExploredBuildNamed {
  using Build = B;  // has `broken`: the mutant at work
  using Machine = impl::BasicMachine<B>;
  std::string_view fork;  // what its fork does
};

inline constexpr std::tuple kBuilds = {
    ExploredBuildNamed<ExploredBuild>{"copies entries"},
};

// A mutant is at work while this lives.
template <class Build> class Broken {
 public:
  explicit Broken(std::optional<impl::Mutant> mutant) { Build::broken = mutant; }
  ~Broken() { Build::broken.reset(); }
  Broken(const Broken&) = delete;
  Broken& operator=(const Broken&) = delete;
};

}  // namespace cow::interleave

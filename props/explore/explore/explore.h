// Runs bodies in many orders of their points, each execution from a state set up anew.
//
// Bodies are ordinary code that touches what it shares through explore::Explored only, and they do
// the same whenever they are run from the same state in the same order: a body that asks a clock,
// or the address of what it has just allocated, cannot be explored. How far each order tells of
// real threads is said in explored.h; how executions are given up, in running.h.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "explore/running.h"

namespace cow::explore {

using Schedule = std::vector<std::uint32_t>;  // which body takes each point

struct Options {
  enum class Way { all, bounded, random, replay };
  Way way = Way::all;
  unsigned preemptions = 2;                      // bounded: at most; random: points of change
  std::uint64_t seed = 1;                        // random
  std::uint64_t executions = ~std::uint64_t{0};  // to tell of, at most; random has no other end
  std::uint32_t points = 10'000;                 // a longer execution is endless
  Schedule schedule = {};                        // replay; what it leaves open: replay.h
};

struct Execution {
  Schedule schedule;              // all of it
  std::span<const Taken> points;  // the same, with addresses and kinds; valid while it is told of
  bool deadlock = false;          // some wait, and nobody can go on
  bool endless = false;
  bool strayed = false;   // replay: the schedule had a body go that could not; it was passed over
  unsigned switches = 0;  // another body takes the next point
  unsigned preemptions = 0;  // … though the one before could have
};

struct Totals {
  std::uint64_t executions = 0;  // told of
  std::uint64_t points = 0;      // taken in these
  std::uint64_t blocked = 0;  // all: executions that turned out to be known, and were not told of
  bool complete = false;      // all orders up to equivalence, and each of them ended
};

using SetUp = std::function<void()>;
using Bodies = std::vector<Body>;
using Finished = std::function<bool(const Execution&)>;  // go on?

// What a body throws ends the exploration, and is thrown.
Totals explore(const Options& options, const SetUp& set_up, const Bodies& bodies,
               const Finished& finished);

// The one execution that a schedule says, without its points.
Execution replay(const Schedule& schedule, const SetUp& set_up, const Bodies& bodies);

}  // namespace cow::explore

// The table's rows: what is measured, beside what, and how good it has to be.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machines.h"
#include "orders.h"
#include "pair.h"

namespace cow::bench {

struct Goal {
  enum class Kind : std::uint8_t { at_most, at_least } kind = Kind::at_most;
  double bound = 0;    // 0: none is set, the row is information
  double stretch = 0;  // 0: none
};
inline Goal at_most(double bound, double stretch = 0) {
  return {Goal::Kind::at_most, bound, stretch};
}
inline Goal at_least(double bound) { return {Goal::Kind::at_least, bound, 0}; }

struct Measured {
  Spread ours, limit;
  double ratio = 0;  // of the medians: ours / limit, or limit / ours where the goal is a least
  double low = 0, high = 0;  // quartiles of the repetitions' own ratios
};

enum class Unit : std::uint8_t { seconds, bytes };

// In the order in which they are shown.
inline constexpr std::array<std::string_view, 7> kSections{"Fork",
                                                           "Write faults that copy",
                                                           "Reuse and zero-page faults",
                                                           "First touch, unmap, exit",
                                                           "Two threads",
                                                           "Metadata",
                                                           "Exploration"};
inline constexpr std::string_view kBesideKernel = "The running kernel beside";

struct Row {
  std::string name;     // the benchmark's
  std::string section;  // the table's that it stands in
  std::string what, machine;
  std::string beside;  // the limit, in words
  Goal goal;
  std::function<std::unique_ptr<Pair>()> make;
  double per = 1;  // ours and limit are shown divided by this
  unsigned repetitions = 15;
  std::uint64_t memory = 0;  // bytes that it takes
  Unit unit = Unit::seconds;
  // Why it cannot be measured at all; or, asked after measuring, judged.
  std::string not_measured;
  std::function<std::string()> not_judged;

  std::optional<Measured> measured;
};

// A table of how cost grows: a line is measured at once, seconds by column; a negative one is not
// measured.
using Line = std::function<std::vector<double>()>;
struct Growing {
  std::string name, label;
  std::function<Line()> make;
  std::uint64_t memory = 0;
  std::string not_measured;
  std::vector<Spread> measured;
};
struct Growth {
  std::string title, of;  // the first column's head
  std::vector<std::string> columns;
  std::vector<Growing> lines;
};

// Above this, pages are mapped without touching their bytes; rows that write stay below.
inline constexpr std::uint64_t kMostTouched = 2 * kGiB;

// --quick divides sizes and repetitions: then the figures mean nothing, and all of the code runs.
struct Scale {
  bool quick = false;
  std::uint32_t pages(std::uint64_t bytes) const {
    return static_cast<std::uint32_t>(bytes / kPage / (quick ? 256 : 1));
  }
  std::uint32_t count(std::uint32_t full) const { return quick ? (full + 31) / 32 : full; }
  unsigned repetitions(unsigned full) const { return quick ? 3 : full; }
};

struct Plan {
  Scale scale;
  double load = 0;  // what others did to the cores when the run began: the load average of a minute
  std::deque<Row> rows;
  std::deque<Growth> growths;
};

// The machines that goals are set for.
struct Machines {
  std::string name, words;
};
inline const Machines kOneThread{"one_thread", "one thread"};
inline const Machines kThreads{"threads", "concurrent"};
inline const Machines kSharedOneThread{"shared_one_thread", "shared tables, one thread"};
inline const Machines kShared{"shared_tables", "shared tables, concurrent"};

void add_fork_rows(Plan&);
void add_fault_rows(Plan&);
void add_zap_rows(Plan&);
void add_thread_rows(Plan&);
void add_memory_rows(Plan&);
void add_explore_rows(Plan&);
void add_kernel_rows(Plan&);
void add_growth(Plan&);

}  // namespace cow::bench

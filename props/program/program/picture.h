// What can be seen of the machines between two steps, as lines of text that can be compared.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "program/frame_names.h"
#include "program/named_pages.h"
#include "runner/machines.h"
#include "trace/trace.h"

namespace cow::program {

// A thing and its attributes: `P0.a` {("", "f1"), ("", "rw"), …}, `f1` {("mapcount", "2"), …}.
struct Sight {
  std::string what;
  std::vector<std::pair<std::string, std::string>> attributes;
  bool operator==(const Sight&) const = default;
};
using Picture = std::vector<Sight>;

class Painter {
 public:
  explicit Painter(const trace::Trace& trace) : names_(trace.names), shown_(trace) {}
  Picture paint(const runner::Machines& machines);

 private:
  std::string name_of(const runner::Machines& machines, Frame f);
  void add_entries(const runner::Machines& machines, Picture& picture);
  void add_references(const runner::Machines& machines, Picture& picture);
  void add_frames(const runner::Machines& machines, Picture& picture);
  void add_counts(const runner::Machines& machines, Picture& picture);

  const trace::NameTable& names_;
  NamedPages shown_;
  FrameNames frames_;
  bool alone_ = false;  // frames are the implementation's by now
};

// What differs, a line each: `P0.a  f1 rw dirty young -> f1 ro dirty young`.
std::vector<std::string> changes(const Picture& before, const Picture& after);

}  // namespace cow::program

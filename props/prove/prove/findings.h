// What a part of the proof has found; parts are added up in their order.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <tuple>

#include "prove/doubt.h"
#include "prove/inductive.h"

namespace cow::prove {

// Obligations by rule set, clause, step and kind of proof.
class Tally {
 public:
  void add(const Obligation& o, const char* kind);
  void add(const Tally& other);
  void print(std::FILE* out) const;
  [[nodiscard]] int total() const { return total_; }
  [[nodiscard]] int open() const { return open_; }

 private:
  struct Row {
    int obligations = 0, open = 0;
    double milliseconds = 0;
  };
  std::map<std::tuple<std::string, std::string, std::string, std::string>, Row> rows_;
  int total_ = 0, open_ = 0;
};

struct Findings {
  Tally tally;
  std::string notes;             // for people, below the table
  int lacking = 0, refuted = 0;  // properties that a rule set lacks
  int doubts = 0, settled = 0;

  void add(const Doubt& d);
  void add(const Findings& other);
  [[nodiscard]] bool all_as_expected() const {
    return tally.open() == 0 && refuted == lacking && settled == doubts;
  }
};

// Each line that is not empty, moved to the right.
std::string indented(const std::string& text);

}  // namespace cow::prove

// Programs of columns from text, for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "par/describe.h"
#include "par/orders.h"
#include "trace/parse.h"
#include "trace/print.h"

namespace cow::par {

inline std::size_t rule(std::string_view name) {
  for (std::size_t i = 0; i < kRules.size(); ++i)
    if (kRules[i].name == name) return i;
  ADD_FAILURE() << "no rule set " << name;
  return 0;
}

// A trace with one par block, whose steps before it are taken.
struct Program {
  trace::Trace trace;
  std::vector<Step> before;
  Columns columns;
  Places places;

  explicit Program(const std::string& text) {
    const auto parsed = trace::parse("t.cow", "name t\n" + text, trace::NameRule::equals_stem);
    if (const auto* error = std::get_if<trace::Error>(&parsed)) {
      ADD_FAILURE() << trace::format(*error);
      return;
    }
    trace = std::get<trace::Trace>(parsed);
    std::vector<Step> all;
    for (const trace::Item& item : trace.items) {
      if (const auto* line = std::get_if<trace::StepLine>(&item)) before.push_back(line->step);
      if (const auto* par = std::get_if<trace::Par>(&item))
        for (const auto& column : par->columns) {
          columns.emplace_back();
          for (const trace::Item& inner : column)
            columns.back().push_back(std::get<trace::StepLine>(inner).step);
        }
    }
    all = before;
    for (const auto& column : columns) all.insert(all.end(), column.begin(), column.end());
    places = places_of(all);
  }
  [[nodiscard]] World start(std::string_view rules) const {
    World world(trace.setup, kRules[rule(rules)]);
    judge::Disagreements out;
    for (const Step& step : before) world.judge.alone(world.machine, step, out);
    for (const auto& d : out) ADD_FAILURE() << d.clause << ": " << d.text;
    return world;
  }
  [[nodiscard]] Orders orders(std::string_view rules) const {
    return {start(rules), columns, places};
  }
};

// The different outcomes of all executions, in words, sorted.
inline std::vector<std::string> outcomes_of(const Orders& orders) {
  std::vector<std::string> all;
  for (const Orders::Final& f : orders.finals()) all.push_back(describe(f.end.outcomes));
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

inline bool shows(const Orders& orders, judge::Verdict verdict) {
  for (const Remark& r : orders.remarks())
    if (r.verdict == verdict) return true;
  return false;
}

inline void expect_no_disagreement(const Orders& orders) {
  EXPECT_TRUE(orders.complete());
  for (const Remark& r : orders.remarks())
    if (r.verdict == judge::Verdict::none)
      ADD_FAILURE() << "column " << r.column << " step " << r.step << ": " << r.disagreement.clause
                    << " " << r.disagreement.text;
}

}  // namespace cow::par

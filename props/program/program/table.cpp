#include "program/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "program/frame_names.h"
#include "program/named_pages.h"
#include "trace/print.h"

namespace cow::program {
namespace {

// One page after one step, as text.
struct Cell {
  std::string frame, refcount, mapcount, pins, exclusive, writable;
};
struct BySlot {
  bool operator()(const Slot& a, const Slot& b) const {
    const auto key = [](const Slot& s) {
      return std::tuple(index(s.process), index(s.region), s.page);
    };
    return key(a) < key(b);
  }
};
// Of one rule set: for each page that ever had an entry, its cell after each step.
using Columns = std::map<Slot, std::map<std::size_t, Cell>, BySlot>;

constexpr const char* kLegend =
    "After each step, by rule set: which page is mapped, its refcount, mapcount, pins, whether it\n"
    "is exclusive, and whether the entry is writable; `-` where nothing is mapped, `swap` for an\n"
    "entry that is swapped out.\n\n";
constexpr const char* kHead = "page  ref map pin excl writable";
constexpr std::size_t kCellWidth = 31;

std::string text_of(const Cell& c) {
  return fmt::format("{:<4} {:>4} {:>3} {:>3} {:<4} {}", c.frame, c.refcount, c.mapcount, c.pins,
                     c.exclusive, c.writable);
}

runner::Run fill(const trace::Trace& trace, std::size_t rule, Columns& columns) {
  const NamedPages shown(trace);
  FrameNames names;
  std::size_t step = 0;
  bool alone = false;
  return runner::run(trace, rule, [&](const auto&, const auto&, const auto& machines) {
    const auto page_of = [&](Frame f) {
      return machines.on_facts([&](const auto& m) { return m.page(f); });
    };
    if (machines.spec_has_left() && !alone) names.forget_all();
    alone = machines.spec_has_left();
    names.forget_freed([&](Frame f) { return page_of(f).kind == Kind::none; });
    for (const judge::Seen& s : machines.entries()) {
      if (!shown.shows(s.slot)) continue;
      if (s.entry.swapped) columns[s.slot][step] = {"swap", "-", "-", "-", "-", "-"};
      if (!s.entry.present) continue;
      const PageView page = page_of(s.entry.frame);
      const bool zero = page.kind == Kind::zero;
      columns[s.slot][step] = {
          names.name(s.entry.frame, page.kind), zero ? "-" : std::to_string(page.refcount),
          std::to_string(page.mapcount),        std::to_string(page.pins),
          page.exclusive ? "yes" : "no",        s.entry.writable ? "yes" : "no"};
    }
    ++step;
  });
}

std::vector<std::string> step_texts(const trace::Trace& trace) {
  std::vector<std::string> texts;
  for (const trace::Item& item : trace.items)
    if (const auto* line = std::get_if<trace::StepLine>(&item))
      texts.push_back(trace::print(line->step, trace.names));
  return texts;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

void print_page(const Slot& slot, const trace::Trace& trace, const std::vector<std::size_t>& rules,
                const std::vector<Columns>& columns) {
  const std::vector<std::string> steps = step_texts(trace);
  const std::string name = trace::slot_text(slot, trace.names);
  std::size_t width = name.size();
  for (const std::string& step : steps) width = std::max(width, step.size());
  std::string rule_line = fmt::format("{:<{}}", name, width),
              head = fmt::format("{:<{}}", "", width);
  for (const std::size_t rule : rules) {
    rule_line += fmt::format("  | {:<{}}", kRules[rule].name, kCellWidth);
    head += fmt::format("  | {:<{}}", kHead, kCellWidth);
  }
  fmt::print("{}\n{}\n", trimmed(rule_line), trimmed(head));
  for (std::size_t step = 0; step < steps.size(); ++step) {
    std::string line = fmt::format("{:<{}}", steps[step], width);
    for (const Columns& c : columns) {
      const auto page = c.find(slot);
      const bool shown = page != c.end() && page->second.count(step) != 0;
      line += fmt::format("  | {:<{}}", shown ? text_of(page->second.at(step)) : "-", kCellWidth);
    }
    fmt::print("{}\n", trimmed(line));
  }
  fmt::print("\n");
}

}  // namespace

std::vector<runner::Run> print_table(const trace::Trace& trace,
                                     const std::vector<std::size_t>& rules) {
  std::vector<runner::Run> runs;
  std::vector<std::size_t> shown;
  std::vector<Columns> columns;
  std::map<Slot, bool, BySlot> touched;
  for (const std::size_t rule : rules) {
    Columns c;
    runs.push_back(fill(trace, rule, c));
    if (runs.back().status == runner::Status::skip) continue;
    for (const auto& page : c) touched[page.first] = true;
    shown.push_back(rule);
    columns.push_back(std::move(c));
  }
  fmt::print("{}", kLegend);
  if (NamedPages(trace).leaves_some_out()) fmt::print("{}\n", kNamedPagesOnly);
  for (const auto& page : touched) print_page(page.first, trace, shown, columns);
  return runs;
}

}  // namespace cow::program

#include "emit/calls.h"

#include <fmt/core.h>

#include "emit/expected.h"
#include "trace/words.h"

namespace cow::emit {
namespace {

using trace::Trace;

constexpr std::size_t kWidth = 100;

// The members of a `struct args`, without those that are 0.
class Args {
 public:
  Args& word(const char* name, const std::string& value) {
    text_ += fmt::format("{} .{} = {}", text_.empty() ? "" : ",", name, value);
    return *this;
  }
  Args& number(const char* name, std::uint64_t value) {
    return value == 0 ? *this : word(name, std::to_string(value));
  }
  [[nodiscard]] std::string text() const {
    return text_.empty() ? "(struct args){ 0 }" : "(struct args){" + text_ + " }";
  }

 private:
  std::string text_;
};

const char* prot_word(Prot prot) {
  return prot == Prot::rw ? "PROT_READ | PROT_WRITE" : prot == Prot::ro ? "PROT_READ" : "PROT_NONE";
}

const char* advice_word(Advice advice) {
  switch (advice) {
    case Advice::dontneed: return "MADV_DONTNEED";
    case Advice::free: return "MADV_FREE";
    case Advice::collapse: return "25 /* MADV_COLLAPSE */";
    case Advice::pageout: return "MADV_PAGEOUT";
    case Advice::dontfork: return "MADV_DONTFORK";
    case Advice::dofork: return "MADV_DOFORK";
    case Advice::wipeonfork: return "MADV_WIPEONFORK";
    case Advice::keeponfork: return "MADV_KEEPONFORK";
    case Advice::mergeable: return "MADV_MERGEABLE";
    case Advice::unmergeable: return "MADV_UNMERGEABLE";
    case Advice::hugepage: return "MADV_HUGEPAGE";
    case Advice::nohugepage: return "MADV_NOHUGEPAGE";
  }
  return "";
}

Args page_args(const Trace& trace, const Step& step) {
  return Args().word("region", region_word(trace, step.region)).number("page", step.first);
}

Args range_args(const Trace& trace, const Step& step) {
  return page_args(trace, step).number("pages", step.last - step.first + 1);
}

Args map_args(const Trace& trace, const Step& step) {
  Args args = page_args(trace, step);
  if (step.backing == Backing::file) args.word("file", file_word(trace, step.file));
  args.number("at", step.at).number("pages", step.count).word("prot", prot_word(step.prot));
  if (step.huge) args.number("huge", 1);
  return args.word("share", step.share == Share::shared ? "MAP_SHARED" : "MAP_PRIVATE");
}

struct Action {
  std::string_view part;  // the function's name too
  std::string args;
};

Action action_of(const Trace& trace, const Step& step) {
  const auto cell = [&] { return page_args(trace, step).number("cell", step.cell); };
  switch (step.op) {
    case Op::map:
      return {step.backing == Backing::file ? "map_file" : "map_anon",
              map_args(trace, step).text()};
    case Op::unmap: return {"unmap", range_args(trace, step).text()};
    case Op::protect:
      return {"protect", range_args(trace, step).word("prot", prot_word(step.prot)).text()};
    case Op::advise:
      return {"advise", range_args(trace, step).word("advice", advice_word(step.advice)).text()};
    case Op::remap:
      return {"remap", range_args(trace, step).word("to", region_word(trace, step.to)).text()};
    case Op::lock: return {"lock", range_args(trace, step).text()};
    case Op::unlock: return {"unlock", range_args(trace, step).text()};
    case Op::fork:
      return {"do_fork", Args().word("child", trace::process_text(step.child, trace.names)).text()};
    case Op::exit: return {"end", Args().text()};
    case Op::read: return {"read_cell", cell().text()};
    case Op::write: return {"write_cell", cell().number("value", step.value).text()};
    case Op::force_read: return {"force_read", cell().text()};
    case Op::force_write: return {"force_write", cell().number("value", step.value).text()};
    case Op::pin:
      return {step.prot == Prot::rw ? "pin_ring" : "pin_pipe",
              page_args(trace, step).word("ref", ref_word(trace, step.ref)).text()};
    case Op::sys_clear_refs: return {"clear_refs", Args().text()};
    default: return {"", ""};
  }
}

// The part that holds a function, where its name is another.
std::string_view part_of(std::string_view function) {
  if (function == "do_fork") return "fork";
  if (function == "pin_ring") return "ring";
  if (function == "pin_pipe") return "pipe";
  return function;
}

// An access through a reference, or its end.
Action reference_action(const Trace& trace, const Step& step, const Taken& taken) {
  Args args;
  args.word("ref", ref_word(trace, step.ref));
  if (taken.by_ring && step.op != Op::unpin)
    args.word("region", region_word(trace, taken.of.region)).number("page", taken.of.page);
  args.number("cell", step.cell).number("value", step.value);
  const std::string_view by_ring = step.op == Op::ref_read    ? "ring_read"
                                   : step.op == Op::ref_write ? "ring_write"
                                                              : "ring_unpin";
  const std::string_view by_pipe = step.op == Op::ref_read ? "pipe_read" : "pipe_unpin";
  return {taken.by_ring ? by_ring : by_pipe, args.text()};
}

bool goes_through_reference(Op op) {
  return op == Op::ref_read || op == Op::ref_write || op == Op::unpin;
}

}  // namespace

std::string region_word(const Trace& trace, Region region) {
  return "R_" + trace.names.regions[index(region)];
}
std::string ref_word(const Trace& trace, Ref ref) { return "K_" + trace.names.refs[index(ref)]; }
std::string file_word(const Trace& trace, File file) {
  return "F_" + trace.names.files[index(file)];
}

void Calls::write(const Line& line) {
  if (!line.why_not.empty()) {
    std::string what = trace::print(*line.item, trace_.names);
    if (const auto* step = std::get_if<trace::StepLine>(line.item))
      what = trace::print(step->step, trace_.names);
    return skip(what, line.why_not);
  }
  if (const auto* step = std::get_if<trace::StepLine>(line.item)) write_step(line, *step);
  if (const auto* fact = std::get_if<trace::Fact>(line.item)) write_fact(line, *fact);
}

void Calls::write_step(const Line& line, const trace::StepLine& item) {
  const Step& step = item.step;
  const std::string text = trace::print(step, trace_.names);
  if (goes_through_reference(step.op)) {
    const Action action = reference_action(trace_, step, taken_[step.ref]);
    parts_.insert(action.part);
    statement(fmt::format("step_here(\"{}\", {}, {});", text, action.part, action.args));
  } else {
    const Action action = action_of(trace_, step);
    call(text, trace::process_text(step.process, trace_.names), action.part, action.args);
  }
  remember(step);
  const Words outcome = outcomes(trace_, line, complete_), value = values(trace_, line, complete_);
  if (differ(outcome) || differ(value)) parts_.insert("by_rule");
  wants("outcome", as_c(outcome));
  if (!asks_nothing(value)) wants("value", as_c(value));
}

void Calls::remember(const Step& step) {
  if (step.op != Op::pin) return;
  taken_[step.ref] = {step.prot == Prot::rw, {step.process, step.region, step.first}};
  if (step.prot == Prot::rw) rings_[step.ref] = true;
}

void Calls::statement(const std::string& text) {
  const std::size_t args = text.rfind(" (struct args)");
  if (text.size() + 8 <= kWidth || args == std::string::npos) text_ += "\t" + text + "\n";
  else text_ += "\t" + text.substr(0, args) + "\n\t     " + text.substr(args + 1) + "\n";
}

void Calls::call(const std::string& text, const std::string& process, std::string_view action,
                 const std::string& args) {
  parts_.insert(part_of(action));
  parts_.insert("step");
  statement(fmt::format("step(\"{}\", {}, {}, {});", text, process, action, args));
}

void Calls::wants(std::string_view part, const std::string& what_is_expected) {
  parts_.insert(part);
  statement(fmt::format("{}({});", part, what_is_expected));
  ++tests_;
}

void Calls::skip(const std::string& what, const std::string& why) {
  parts_.insert("skip");
  std::string line = what.substr(0, what.find('\n'));
  statement(fmt::format("skip(\"{}\", \"{}\");", line, why));
  ++tests_;
}

}  // namespace cow::emit

// A line that is a step: by a process, through a reference, or by the system.
#include "trace/grammar.h"
#include "trace/print.h"

namespace cow::trace {
namespace {

// `K read`, `K write = V`, `K unpin`.
Draft parse_reference_step(Line& line, Names& names) {
  constexpr std::array<std::string_view, 3> kVerbs = {"read", "write", "unpin"};
  Draft draft;
  Piece piece(line, line.word());
  draft.step.ref = names.ref(piece.lower_name("a reference"));
  const bool has_cell = piece.accept(".");
  if (has_cell)
    draft.step.cell = static_cast<std::uint8_t>(piece.number({0, kCells - 1}, "a cell"));
  piece.finish("a blank after the reference");
  line.take();
  const Word verb = line.word();
  const std::size_t which = take_one_of(line, kVerbs);
  constexpr Op kOps[] = {Op::ref_read, Op::ref_write, Op::unpin};
  draft.step.op = kOps[which];
  draft.reads = draft.step.op == Op::ref_read;
  if (draft.step.op == Op::unpin && has_cell) line.fail_at(verb, "read or write of a cell");
  if (draft.step.op == Op::ref_write) {
    line.expect("=");
    draft.step.value = static_cast<std::uint8_t>(take_number(line, kByte, "a value"));
  }
  return draft;
}

void put_place(const Slot& slot, Step& step) {
  step.process = slot.process;
  step.region = slot.region;
  step.first = step.last = slot.page;
}

// `sys ref P.A`, `sys unref P.A`, `sys swapout P.A`, `sys migrate P.A`, `sys ksm P.A Q.B`.
void parse_page_step(Line& line, Names& names, Op op, Step& step) {
  step.op = op;
  put_place(take_where(line, names, Extent::page).slot, step);
  if (op != Op::sys_ksm) return;
  const Slot other = take_where(line, names, Extent::page).slot;
  step.child = other.process;
  step.to = other.region;
  step.at = other.page;
}

void parse_fail(Line& line, Draft& draft) {
  constexpr std::array<std::string_view, 2> kAllocations = {"alloc", "table"};
  draft.step.op = take_one_of(line, kAllocations) == 0 ? Op::sys_fail_alloc : Op::sys_fail_table;
  draft.step.count = take_count(line);
}

Draft parse_system_step(Line& line, Names& names) {
  constexpr std::array<std::string_view, 7> kVerbs = {"ref",     "unref",   "clear-refs", "fail",
                                                      "swapout", "migrate", "ksm"};
  constexpr std::array<Op, 7> kOps = {Op::sys_ref,        Op::sys_unref,   Op::sys_clear_refs,
                                      Op::sys_fail_alloc, Op::sys_swapout, Op::sys_migrate,
                                      Op::sys_ksm};
  Draft draft;
  line.expect("sys");
  const Op op = kOps[take_one_of(line, kVerbs)];
  if (op == Op::sys_fail_alloc) {
    parse_fail(line, draft);
  } else if (op == Op::sys_clear_refs) {
    draft.step.op = op;
    draft.step.process = names.process(take_process(line));
  } else {
    parse_page_step(line, names, op, draft.step);
  }
  return draft;
}

struct Actor {
  std::uint32_t number = 0;
  std::uint32_t thread = 0;

  [[nodiscard]] std::string text() const {
    const std::string name = "P" + std::to_string(number);
    return thread == 0 ? name : name + "@" + std::to_string(thread);
  }
};

Actor take_actor(Line& line) {
  Actor actor;
  Piece piece(line, line.word());
  actor.number = piece.process();
  if (piece.accept("@")) actor.thread = piece.number(kAnyNumber, "a thread");
  piece.finish("'@' and a thread, or a blank");
  line.take();
  return actor;
}

struct Expected {
  Expectation value, outcome;
  std::string binding;
};

std::string take_binding(Line& line) {
  Piece piece(line, line.word());
  piece.accept("?");
  std::string name(piece.lower_name("a name after '?'"));
  piece.finish("a blank after the name");
  line.take();
  return name;
}

Expected parse_expected(Line& line, bool reads) {
  Expected expected;
  if (reads && line.accept("=")) {
    if (line.word().text.starts_with('?')) expected.binding = take_binding(line);
    else expected.value = parse_wanted(line, read_byte);
  }
  const bool has_value = !expected.value.empty() || !expected.binding.empty();
  if (line.accept("->")) expected.outcome = parse_wanted(line, read_outcome);
  else if (!line.done())
    line.fail(reads && !has_value ? "'=', '->' or the end of the line"
                                  : "'->' or the end of the line");
  line.finish();
  return expected;
}

}  // namespace

Item parse_step(Line& line, Names& names) {
  const Source at{line.number(), line.word().column};
  Draft draft;
  std::optional<Actor> actor;
  if (line.word().text.starts_with('P')) {
    actor = take_actor(line);
    draft = parse_process_step(line, names, names.process(actor->number));
    draft.step.thread = actor->thread;
  } else if (line.word().text == "sys") {
    draft = parse_system_step(line, names);
  } else {
    draft = parse_reference_step(line, names);
  }
  Expected expected = parse_expected(line, draft.reads);

  if (draft.feature.text.empty())
    return StepLine{at, draft.step, std::move(expected.outcome), std::move(expected.value),
                    std::move(expected.binding)};

  std::string text = draft.text;
  if (actor) text = actor->text() + " " + text;
  return Unmodelled{at,
                    {line.number(), draft.feature.column},
                    std::string(draft.feature.text),
                    std::move(text),
                    draft.step,
                    std::move(expected.binding),
                    std::move(expected.outcome),
                    std::move(expected.value)};
}

}  // namespace cow::trace

#include "runner/facts.h"

#include "runner/findings.h"
#include "trace/print.h"
#include "trace/words.h"

namespace cow::runner {
namespace {

using trace::Fact;
using trace::FactKind;
using trace::PageKind;

const char* const kNothing = "nothing mapped";

// f(machine) of the machine whose facts count.
template <class Implementation> auto look(const Beside<Implementation>& machines, auto f) {
  return machines.on_facts(f);
}
auto look(const par::World& world, auto f) { return f(world.machine); }
template <class Implementation>
const spec::IdealMachine& ideal_of(const Beside<Implementation>& machines) {
  return machines.ideal();
}
const spec::IdealMachine& ideal_of(const par::World& world) { return world.judge.ideal(); }

PteView entry_at(const auto& where, const Slot& slot) {
  return look(where, [&](const auto& machine) { return machine.pte(slot); });
}
PageView page_at(const auto& where, Frame frame) {
  return look(where, [&](const auto& machine) { return machine.page(frame); });
}

// Whether the area lets its process read there.
template <class L, class Base> bool readable(const spec::Shown<L, Base>& spec, const Slot& slot) {
  const auto& vma = spec.m.vma[spec.m.area.of(slot)];
  if (!vma.read) return false;
  return spec.pte(slot).present || !vma.file || !spec.m.area.past_end(slot);
}
template <class Build> bool readable(const impl::BasicMachine<Build>& impl, const Slot& slot) {
  const impl::Area* area = impl::find_area(*impl.areas(slot.process, slot.region), slot.page);
  return (area->flags & impl::kVmRead) != 0;
}

// What a read would see, without the fault that it might take.
Found value_at(const auto& machines, const Slot& slot, std::uint8_t cell) {
  const PteView entry = entry_at(machines, slot);
  if (entry.mapped != Mapped::yes) return kNothing;
  if (!look(machines, [&](const auto& machine) { return readable(machine, slot); }))
    return "no access";
  if (entry.present) return page_at(machines, entry.frame).cells[cell];
  return ideal_of(machines).read(slot, cell).value;
}

Found of_page(const Fact& fact, const PageView& page) {
  switch (fact.kind) {
    case FactKind::mapcount: return page.mapcount;
    case FactKind::refcount:
      if (page.kind == Kind::zero) return "the zero page, which has no stated refcount";
      return page.refcount;
    case FactKind::pins: return page.pins;
    case FactKind::kind:
      return static_cast<std::uint64_t>(page.ksm ? PageKind::ksm
                                                 : static_cast<PageKind>(page.kind));
    default: return page.exclusive;
  }
}

Found of_entry(const auto& machines, const Fact& fact) {
  const PteView entry = entry_at(machines, fact.slot);
  if (entry.mapped == Mapped::nosuch) return kNothing;
  if (fact.kind == FactKind::huge && entry.mapped == Mapped::yes) return entry.huge;
  if (fact.kind == FactKind::swapcount && entry.mapped == Mapped::yes) return entry.swapcount;
  if (fact.kind == FactKind::kind && !entry.present)
    return static_cast<std::uint64_t>(entry.swapped ? PageKind::swap : PageKind::none);
  if (!entry.present) return kNothing;
  switch (fact.kind) {
    case FactKind::writable: return entry.writable;
    case FactKind::dirty: return entry.dirty;
    case FactKind::young: return entry.young;
    default: return of_page(fact, page_at(machines, entry.frame));
  }
}

Found of_process(const auto& machines, const Fact& fact) {
  const Pid process = fact.slot.process;
  if (!look(machines, [&](const auto& machine) { return machine.alive(process); }))
    return "no such process";
  const Rss rss = look(machines, [&](const auto& machine) { return machine.rss(process); });
  switch (fact.of_kind) {
    case PageKind::anon: return rss.anon;
    case PageKind::file: return rss.file;
    case PageKind::shmem: return rss.shmem;
    case PageKind::swap: return rss.swap;
    default: return 0u;
  }
}

Found of_memory(const auto& machines, PageKind kind) {
  const bool data = kind == PageKind::anon || kind == PageKind::file || kind == PageKind::shmem ||
                    kind == PageKind::ksm;
  if (!data) return 0u;
  return look(machines,
              [&](const auto& machine) { return machine.allocated(static_cast<Kind>(kind)); });
}

Found find(const auto& machines, const Fact& fact) {
  switch (fact.kind) {
    case FactKind::value: return value_at(machines, fact.slot, fact.cell);
    case FactKind::rss: return of_process(machines, fact);
    case FactKind::pages: return of_memory(machines, fact.of_kind);
    default: return of_entry(machines, fact);
  }
}

Found frames(const auto& machines, const Slot& one, const Slot& other) {
  const PteView first = entry_at(machines, one), second = entry_at(machines, other);
  if (!first.present || !second.present) return kNothing;
  return first.frame == second.frame;
}

bool fail(Findings& findings, const Fact& fact, std::string expected, std::string seen) {
  findings.fail(fact.at.line, std::move(expected), std::move(seen));
  return false;
}

bool expect_frames(const Found& found, const Fact& fact, Findings& findings) {
  const std::string text = fact_text(fact, findings.trace().names);
  const auto* same = std::get_if<std::uint64_t>(&found);
  if (same == nullptr) return fail(findings, fact, text, std::get<std::string>(found));
  const bool want_same = fact.kind == FactKind::same_frame;
  return (*same != 0) == want_same ||
         fail(findings, fact, text, want_same ? "two frames" : "one frame");
}

bool expect_number(const Found& found, const Fact& fact, Findings& findings) {
  const auto* number = std::get_if<std::uint64_t>(&found);
  const bool fits = number != nullptr && *number <= 0xffffffff;
  if (fits && fact.wanted.admits(findings.rule(), static_cast<std::uint32_t>(*number))) return true;
  const trace::SpellElement spell = trace::speller_of(fact.kind);
  const std::string seen = number == nullptr ? std::get<std::string>(found)
                           : fits            ? spell(static_cast<std::uint32_t>(*number))
                                             : std::to_string(*number);
  return fail(findings, fact,
              fact_text(fact, findings.trace().names) + " = " + findings.wanted(fact.wanted, spell),
              seen);
}

bool expect(const auto& where, const Fact& fact, Findings& findings) {
  if (fact.kind == FactKind::same_frame || fact.kind == FactKind::other_frame)
    return expect_frames(frames(where, fact.slot, fact.other), fact, findings);
  const trace::Wanted* asked = fact.wanted.find(findings.rule());
  if (asked == nullptr || asked->any_of.empty()) return true;
  return expect_number(find(where, fact), fact, findings);
}

}  // namespace

Found find_fact(const Machines& machines, const Fact& fact) { return find(machines, fact); }
Found find_frames(const Machines& machines, const Slot& one, const Slot& other) {
  return frames(machines, one, other);
}
bool expect_fact(const Machines& machines, const Fact& fact, Findings& findings) {
  return expect(machines, fact, findings);
}
bool expect_fact(const SharedTablesMachines& machines, const Fact& fact, Findings& findings) {
  return expect(machines, fact, findings);
}
bool expect_fact(const par::World& world, const Fact& fact, Findings& findings) {
  return expect(world, fact, findings);
}

std::string fact_text(const Fact& fact, const trace::NameTable& names) {
  const std::string word{trace::kFactWords[trace::index_of(fact.kind)]};
  const std::string kind{trace::kKindWords[trace::index_of(fact.of_kind)]};
  const std::string slot = trace::slot_text(fact.slot, names);
  switch (fact.kind) {
    case FactKind::value: return fact.cell == 0 ? slot : slot + "." + std::to_string(fact.cell);
    case FactKind::same_frame:
    case FactKind::other_frame:
      return word + " " + slot + (fact.kind == FactKind::same_frame ? " == " : " != ") +
             trace::slot_text(fact.other, names);
    case FactKind::rss:
      return word + " " + trace::process_text(fact.slot.process, names) + " " + kind;
    case FactKind::pages: return word + " " + kind;
    default: return word + " " + slot;
  }
}

}  // namespace cow::runner

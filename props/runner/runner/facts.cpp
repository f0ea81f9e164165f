#include "runner/facts.h"

#include "trace/print.h"
#include "trace/words.h"

namespace cow::runner {
namespace {

using trace::Fact;
using trace::FactKind;
using trace::PageKind;

const char* const kNothing = "nothing mapped";

PteView entry_at(const Machines& machines, const Slot& slot) {
  return machines.on_facts([&](const auto& machine) { return machine.pte(slot); });
}
PageView page_at(const Machines& machines, Frame frame) {
  return machines.on_facts([&](const auto& machine) { return machine.page(frame); });
}

// Whether the area lets its process read there.
bool readable(const spec::Specification& spec, const Slot& slot) {
  const auto& vma = spec.m.vma[spec.m.area.of(slot)];
  if (!vma.read) return false;
  return spec.pte(slot).present || !vma.file || !spec.m.area.past_end(slot);
}
bool readable(const impl::Machine& impl, const Slot& slot) {
  const impl::Area* area = impl::find_area(*impl.areas(slot.process, slot.region), slot.page);
  return (area->flags & impl::kVmRead) != 0;
}

// What a read would see, without the fault that it might take.
Found value_at(const Machines& machines, const Slot& slot, std::uint8_t cell) {
  const PteView entry = entry_at(machines, slot);
  if (entry.mapped != Mapped::yes) return kNothing;
  if (!machines.on_facts([&](const auto& machine) { return readable(machine, slot); }))
    return "no access";
  if (entry.present) return page_at(machines, entry.frame).cells[cell];
  return machines.ideal().read(slot, cell).value;
}

Found of_page(const Fact& fact, const PageView& page) {
  switch (fact.kind) {
    case FactKind::mapcount: return page.mapcount;
    case FactKind::refcount:
      if (page.kind == Kind::zero) return "the zero page, which has no stated refcount";
      return page.refcount;
    case FactKind::pins: return page.pins;
    case FactKind::kind: return static_cast<std::uint64_t>(page.kind);
    default: return page.exclusive;
  }
}

Found of_entry(const Machines& machines, const Fact& fact) {
  const PteView entry = entry_at(machines, fact.slot);
  if (entry.mapped == Mapped::nosuch) return kNothing;
  const bool unmodelled = fact.kind == FactKind::swapcount || fact.kind == FactKind::huge;
  if (unmodelled && entry.mapped == Mapped::yes) return 0u;  // no swap, no huge pages at this size
  if (fact.kind == FactKind::kind && !entry.present)
    return static_cast<std::uint64_t>(PageKind::none);
  if (!entry.present) return kNothing;
  switch (fact.kind) {
    case FactKind::writable: return entry.writable;
    case FactKind::dirty: return entry.dirty;
    case FactKind::young: return entry.young;
    default: return of_page(fact, page_at(machines, entry.frame));
  }
}

Found of_process(const Machines& machines, const Fact& fact) {
  const Pid process = fact.slot.process;
  if (!machines.on_facts([&](const auto& machine) { return machine.alive(process); }))
    return "no such process";
  const Rss rss = machines.on_facts([&](const auto& machine) { return machine.rss(process); });
  switch (fact.of_kind) {
    case PageKind::anon: return rss.anon;
    case PageKind::file: return rss.file;
    case PageKind::shmem: return rss.shmem;
    default: return 0u;
  }
}

Found of_memory(const Machines& machines, PageKind kind) {
  const bool data = kind == PageKind::anon || kind == PageKind::file || kind == PageKind::shmem;
  if (!data) return 0u;
  return machines.on_facts(
      [&](const auto& machine) { return machine.allocated(static_cast<Kind>(kind)); });
}

}  // namespace

Found find_fact(const Machines& machines, const Fact& fact) {
  switch (fact.kind) {
    case FactKind::value: return value_at(machines, fact.slot, fact.cell);
    case FactKind::rss: return of_process(machines, fact);
    case FactKind::pages: return of_memory(machines, fact.of_kind);
    default: return of_entry(machines, fact);
  }
}

Found find_frames(const Machines& machines, const Slot& one, const Slot& other) {
  const PteView first = entry_at(machines, one), second = entry_at(machines, other);
  if (!first.present || !second.present) return kNothing;
  return first.frame == second.frame;
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

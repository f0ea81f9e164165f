// One step as text.
#include "trace/print.h"
#include "trace/words.h"

namespace cow::trace {
namespace {

// Spells the names of one step.
struct Speller {
  const Step& step;
  const NameTable& names;

  [[nodiscard]] std::string region() const { return names.regions[index(step.region)]; }
  [[nodiscard]] std::string ref() const { return names.refs[index(step.ref)]; }
  [[nodiscard]] std::string place() const {
    return place_text(region(), step.first, step.last, step.cell);
  }
  [[nodiscard]] std::string ref_cell() const {
    return step.cell == 0 ? ref() : ref() + "." + std::to_string(step.cell);
  }
  [[nodiscard]] std::string value() const { return " = " + std::to_string(step.value); }
  [[nodiscard]] std::string slot() const {
    return slot_text({step.process, step.region, step.first}, names);
  }
  [[nodiscard]] std::string other() const {
    return slot_text({step.child, step.to, step.at}, names);
  }
};

std::string map_text(const Speller& s) {
  const bool file = s.step.backing == Backing::file;
  std::string text = "map " + s.region() + " ";
  text += file ? "file:" + s.names.files[index(s.step.file)] : "anon";
  text += " " + std::string(kShareWords[index_of(s.step.share)]);
  text += " " + std::to_string(s.step.count);
  if (file && s.step.at != 0) text += " at " + std::to_string(s.step.at);
  if (s.step.prot == Prot::ro) text += " ro";
  if (s.step.huge) text += " thp";
  if (s.step.hugetlb) text += " hugetlb";
  return text;
}

std::string pin_text(const Speller& s) {
  std::string text = "pin " + s.ref() + " " + s.place();
  text += s.step.prot == Prot::rw ? " rw" : " ro";
  if (!s.step.foll_pin) text += " get";
  if (s.step.longterm) text += " long";
  if (s.step.fast) text += " fast";
  return text;
}

// Steps that are no process's own.
std::string other_text(const Speller& s) {
  switch (s.step.op) {
    case Op::ref_read: return s.ref_cell() + " read";
    case Op::ref_write: return s.ref_cell() + " write" + s.value();
    case Op::unpin: return s.ref() + " unpin";
    case Op::sys_ref: return "sys ref " + s.slot();
    case Op::sys_unref: return "sys unref " + s.slot();
    case Op::sys_swapout: return "sys swapout " + s.slot();
    case Op::sys_migrate: return "sys migrate " + s.slot();
    case Op::sys_ksm: return "sys ksm " + s.slot() + " " + s.other();
    case Op::sys_clear_refs: return "sys clear-refs " + process_text(s.step.process, s.names);
    case Op::sys_fail_alloc: return "sys fail alloc " + std::to_string(s.step.count);
    case Op::sys_fail_table: return "sys fail table " + std::to_string(s.step.count);
    default: return {};
  }
}

}  // namespace

std::string process_text(Pid process, const NameTable& names) {
  return "P" + std::to_string(names.processes[index(process)]);
}

std::string actor_text(const Step& step, const NameTable& names) {
  const std::string process = process_text(step.process, names);
  return step.thread == 0 ? process : process + "@" + std::to_string(step.thread);
}

std::string slot_text(const Slot& slot, const NameTable& names) {
  return process_text(slot.process, names) + "." +
         place_text(names.regions[index(slot.region)], slot.page, slot.page, 0);
}

std::string place_text(std::string_view region, std::uint32_t first, std::uint32_t last,
                       std::uint8_t cell) {
  std::string text(region);
  if (first != last) text += "[" + std::to_string(first) + ".." + std::to_string(last) + "]";
  else if (first != 0) text += "[" + std::to_string(first) + "]";
  if (cell != 0) text += "." + std::to_string(cell);
  return text;
}

std::string step_body(const Step& step, const NameTable& names) {
  const Speller s{step, names};
  switch (step.op) {
    case Op::map: return map_text(s);
    case Op::unmap: return "unmap " + s.place();
    case Op::protect:
      return "protect " + s.place() + " " + std::string(kProtWords[index_of(step.prot)]);
    case Op::advise:
      return "advise " + s.place() + " " + std::string(kAdviceWords[index_of(step.advice)]);
    case Op::remap: return "remap " + s.place() + " " + names.regions[index(step.to)];
    case Op::lock: return "lock " + s.place();
    case Op::unlock: return "unlock " + s.place();
    case Op::uffd_wp:
      return "uffd-wp " + s.place() + " " + std::string(kSwitchWords[step.on ? 1 : 0]);
    case Op::fork: return "fork " + process_text(step.child, names);
    case Op::exit: return "exit";
    case Op::read: return "read " + s.place();
    case Op::write: return "write " + s.place() + s.value();
    case Op::force_read: return "force-read " + s.place();
    case Op::force_write: return "force-write " + s.place() + s.value();
    case Op::pin: return pin_text(s);
    default: return other_text(s);
  }
}

std::string print(const Step& step, const NameTable& names) {
  // The operations from here on are not a process's own.
  if (step.op >= Op::ref_read) return step_body(step, names);
  return actor_text(step, names) + " " + step_body(step, names);
}

}  // namespace cow::trace

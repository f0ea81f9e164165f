// Traces of generated steps.
#include <utility>

#include "trace/names.h"
#include "trace/trace.h"

namespace cow::trace {
namespace {

// a to z, then r26, r27, …; none of them is a reserved word.
std::string region_name(Region region) {
  const std::uint32_t n = index(region);
  if (n < 26) return {static_cast<char>('a' + n)};
  return "r" + std::to_string(n);
}

// Copies the fields that the operation names, with ids of the new trace.
class Renamer {
 public:
  Renamer(const Step& from, Names& names) : from_(from), names_(names) { to_.op = from.op; }

  Step run() {
    if (from_.op < Op::ref_read) to_.thread = from_.thread;
    switch (from_.op) {
      case Op::map: return process().region().mapping().to_;
      case Op::unmap:
      case Op::protect:
      case Op::advise: return process().place().change().to_;
      case Op::lock:
      case Op::unlock: return process().place().to_;
      case Op::uffd_wp: return process().place().on().to_;
      case Op::remap: return process().place().destination().to_;
      case Op::fork: return process().child().to_;
      case Op::exit:
      case Op::sys_clear_refs: return process().to_;
      case Op::read:
      case Op::force_read: return process().page().cell().to_;
      case Op::write:
      case Op::force_write: return process().page().cell().value().to_;
      case Op::pin: return process().ref().page().access().to_;
      case Op::sys_ref:
      case Op::sys_unref:
      case Op::sys_swapout:
      case Op::sys_migrate: return process().page().to_;
      case Op::sys_ksm: return process().page().child().destination().other_page().to_;
      case Op::ref_read: return ref().cell().to_;
      case Op::ref_write: return ref().cell().value().to_;
      case Op::unpin: return ref().to_;
      default:  // sys_fail_alloc, sys_fail_table
        to_.count = from_.count;
        return to_;
    }
  }

 private:
  Renamer& process() {
    to_.process = names_.process(index(from_.process));
    return *this;
  }
  Renamer& child() {
    to_.child = names_.process(index(from_.child));
    return *this;
  }
  Renamer& change() {
    if (from_.op == Op::protect) to_.prot = from_.prot;
    if (from_.op == Op::advise) to_.advice = from_.advice;
    return *this;
  }
  Renamer& on() {
    to_.on = from_.on;
    return *this;
  }
  Renamer& other_page() {
    to_.at = from_.at;
    return *this;
  }
  Renamer& destination() {
    to_.to = names_.region(region_name(from_.to));
    return *this;
  }
  Renamer& region() {
    to_.region = names_.region(region_name(from_.region));
    return *this;
  }
  Renamer& page() {
    to_.first = to_.last = from_.first;
    return region();
  }
  Renamer& place() {
    page();
    to_.last = from_.last;
    return *this;
  }
  Renamer& cell() {
    to_.cell = from_.cell;
    return *this;
  }
  Renamer& value() {
    to_.value = from_.value;
    return *this;
  }
  Renamer& ref() {
    to_.ref = names_.ref("k" + std::to_string(index(from_.ref)));
    return *this;
  }
  Renamer& access() {
    to_.prot = from_.prot;
    to_.foll_pin = from_.foll_pin;
    to_.longterm = from_.longterm;
    to_.fast = from_.fast;
    return *this;
  }
  Renamer& mapping() {
    to_.prot = from_.prot;
    to_.share = from_.share;
    to_.count = from_.count;
    to_.backing = from_.backing;
    to_.huge = from_.huge;
    to_.hugetlb = from_.hugetlb;
    if (from_.backing == Backing::file) {
      to_.file = from_.file;
      to_.at = from_.at;
    }
    return *this;
  }

  const Step& from_;
  Step to_;
  Names& names_;
};

}  // namespace

Trace from_steps(std::string name, std::string question, Setup setup,
                 const std::vector<Step>& steps) {
  Trace trace;
  trace.name = std::move(name);
  trace.question = std::move(question);
  trace.setup = std::move(setup);
  Names names(trace.names);
  for (std::size_t i = 0; i < trace.setup.files.size(); ++i) names.declare("F" + std::to_string(i));
  for (const Step& step : steps)
    trace.items.emplace_back(StepLine{{}, Renamer(step, names).run(), {}, {}});
  return trace;
}

}  // namespace cow::trace

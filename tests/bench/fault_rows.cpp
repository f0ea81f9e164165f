#include <string>

#include "fault_pairs.h"
#include "rows.h"

namespace cow::bench {
namespace {

std::string order_words(Pages order) {
  return order == Pages::in_sequence ? "in sequence" : "at random";
}
std::string order_name(Pages order) {
  return order == Pages::in_sequence ? "/sequence" : "/random";
}

Row fault_row(const Scale& scale, const Machines& machines, std::string_view section,
              const std::string& name, const std::string& what) {
  Row row;
  row.name = name + "/" + machines.name;
  row.section = section;
  row.what = what;
  row.machine = machines.words;
  row.repetitions = scale.repetitions(15);
  row.memory = kGiB + kGiB / 64;
  return row;
}

template <class Machine> void add_copies(Plan& plan, const Machines& machines) {
  const std::uint32_t pages = plan.scale.pages(kGiB);
  for (const std::uint32_t percent : {1u, 10u, 100u})
    for (const Pages order : {Pages::in_sequence, Pages::shuffled}) {
      const std::uint32_t written = std::max(1u, pages * percent / 100);
      const std::string share = std::to_string(percent);
      Row row = fault_row(
          plan.scale, machines, "Write faults that copy", "copy/" + share + "%" + order_name(order),
          "write fault that copies, " + share + " % of 1 GiB, " + order_words(order) + ", a page");
      row.beside = "memcpy of the same pages";
      if (percent >= 10) row.goal = at_most(1.5, 1.25);
      row.make = [=] { return std::make_unique<CopyPair<Machine>>(pages, written, order); };
      row.per = written;
      row.memory *= 4;
      plan.rows.push_back(row);
    }
}

// The goal is for 4 MiB, where it is the fault that costs and not the program's own byte on a cache
// line and a host page of its own. That byte is in the limit of the rows for information.
template <class Machine>
Row light_row(const Scale& scale, const Machines& machines, Light light, Pages order,
              std::uint64_t mapped, WalkTo to) {
  const std::uint32_t pages = scale.pages(mapped);
  const std::string name = light == Light::zero ? "zero" : "reuse";
  const std::string what = light == Light::zero ? "zero-page fault, " : "reuse fault, ";
  const std::string size = std::to_string(mapped / kMiB) + "MiB";
  Row row = fault_row(
      scale, machines, "Reuse and zero-page faults", name + "/" + size + order_name(order),
      what + std::to_string(mapped / kMiB) + " MiB, " + order_words(order) + ", a page");
  row.beside = "a four-level walk and one compare-and-swap";
  if (to == WalkTo::byte) {
    row.name += "/byte";
    row.beside += ", and a byte of the page";
  } else if (mapped == 4 * kMiB) {
    row.goal = at_most(4);
  }
  row.make = [=] { return std::make_unique<LightFaultPair<Machine>>(pages, light, order, to); };
  row.per = pages;
  row.repetitions = scale.repetitions(mapped == kGiB ? 9 : 101);
  row.memory = 2 * mapped;
  return row;
}

template <class Machine> void add_light_faults(Plan& plan, const Machines& machines) {
  const auto add = [&](Light light, Pages order, std::uint64_t mapped, WalkTo to) {
    plan.rows.push_back(light_row<Machine>(plan.scale, machines, light, order, mapped, to));
  };
  for (const Pages order : {Pages::in_sequence, Pages::shuffled}) {
    add(Light::reuse, order, 4 * kMiB, WalkTo::entry);
    add(Light::reuse, order, kGiB, WalkTo::byte);
    add(Light::zero, order, 4 * kMiB, WalkTo::entry);
    add(Light::zero, order, kGiB, WalkTo::entry);
  }
}

template <class Machine> void add_first_touch(Plan& plan, const Machines& machines) {
  const std::uint32_t pages = plan.scale.pages(kGiB);
  Row row = fault_row(plan.scale, machines, "First touch, unmap, exit", "first_touch",
                      "first touch, a page");
  row.beside = "memset of the page";
  row.goal = at_most(1.5);
  row.make = [=] { return std::make_unique<FirstTouchPair<Machine>>(pages); };
  row.per = pages;
  row.memory *= 2;
  plan.rows.push_back(row);
}

template <class Machine> void add_faults(Plan& plan, const Machines& machines) {
  add_copies<Machine>(plan, machines);
  add_light_faults<Machine>(plan, machines);
  add_first_touch<Machine>(plan, machines);
}

}  // namespace

void add_fault_rows(Plan& plan) {
  const std::uint32_t pages = plan.scale.pages(4 * kMiB);
  Row row = fault_row(plan.scale, kThreads, "Reuse and zero-page faults", "locks/4MiB",
                      "the locks of a fault around a walk and its compare-and-swap, a page");
  row.beside = "a four-level walk and one compare-and-swap";
  row.make = [=] { return std::make_unique<LocksPair>(pages); };
  row.per = pages;
  row.repetitions = plan.scale.repetitions(101);
  plan.rows.push_back(row);
  add_faults<OneThreadMachine>(plan, kOneThread);
  add_faults<ThreadsMachine>(plan, kThreads);
  add_faults<SharedTablesMachine>(plan, kShared);
}

}  // namespace cow::bench

#include <string>

#include "rows.h"
#include "zap_pairs.h"

namespace cow::bench {
namespace {

template <class Measure>
void add_zap(Plan& plan, const Machines& machines, const std::string& name,
             const std::string& what) {
  const std::uint32_t pages = plan.scale.pages(kGiB);
  Row row;
  row.name = name + "/" + machines.name;
  row.section = "First touch, unmap, exit";
  row.machine = machines.words;
  row.what = what + ", a page";
  row.beside = "reading the same entries";
  row.goal = at_most(4);
  row.make = [=] { return std::make_unique<Measure>(pages); };
  row.per = pages;
  row.repetitions = plan.scale.repetitions(15);
  row.memory = kGiB + kGiB / 64;
  plan.rows.push_back(row);
}

template <class Machine> void add_zaps(Plan& plan, const Machines& machines) {
  add_zap<UnmapPair<Machine>>(plan, machines, "unmap", "unmap of own pages");
  add_zap<OwnExitPair<Machine>>(plan, machines, "exit/own", "exit with own pages");
  add_zap<ExitPair<Machine>>(plan, machines, "exit/shared", "exit with shared pages");
}

}  // namespace

void add_zap_rows(Plan& plan) {
  add_zaps<OneThreadMachine>(plan, kOneThread);
  add_zaps<ThreadsMachine>(plan, kThreads);
  add_zaps<SharedTablesMachine>(plan, kShared);
}

}  // namespace cow::bench

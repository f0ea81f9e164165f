// What a machine holds besides its pages' bytes.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "bench_steps.h"
#include "helper.h"
#include "rows.h"

namespace cow::bench {
namespace {

constexpr double kMostBytesPerPage = 20;
constexpr Pid kOwner{0}, kOther{1};

double resident_bytes() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  demand(resident > 0, "the kernel does not say how much memory is resident");
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// Bytes for each page that a process maps. In a process that has nothing else: what was used before
// and given back would be resident still.
template <class Machine> double metadata_per_page(std::uint32_t pages, unsigned processes) {
  const double before = resident_bytes();
  Machine machine(Setup{}, measured_rules());
  must(machine, range_step(Op::map, kOwner, pages));
  Step write = page_step(Op::write, kOwner);
  for (std::uint32_t page = 0; page < pages; ++page) {
    write.first = write.last = page;
    demand(machine.run(write).outcome == Outcome::fresh, "a first write was not fresh");
  }
  if (processes == 2) must(machine, process_step(Op::fork, kOwner, kOther));
  const double mapped = static_cast<double>(processes) * pages;
  const std::optional<std::uint64_t> said = metadata_bytes(machine);
  if (said) return static_cast<double>(*said) / mapped;
  const double more = resident_bytes() - before - static_cast<double>(kPage) * pages;
  // What is resident of a machine of few pages says little, but an entry has eight bytes.
  return std::max(8.0, more / mapped);
}

// The limit is the goal itself, so that the ratio says how much of it is used.
class MetadataPair : public Pair {
 public:
  explicit MetadataPair(std::string words) : words_(std::move(words)) {}
  double ours() override { return Helper(words_).ask('?'); }
  double limit() override { return kMostBytesPerPage; }

 private:
  std::string words_;
};

void add_metadata(Plan& plan, const Machines& machines) {
  const std::uint32_t pages = plan.scale.pages(kGiB);
  for (const std::string processes : {"1", "2"}) {
    const std::string words =
        "metadata " + machines.name + " " + processes + " " + std::to_string(pages);
    Row row;
    row.name = "metadata/" + processes + "_mapping/" + machines.name;
    row.section = "Metadata";
    row.machine = machines.words;
    row.what = "metadata a mapped page, tables included, 1 GiB mapped by " +
               std::string(processes == "1" ? "one process" : "two processes");
    row.beside = "20 bytes";
    row.goal = at_most(1);
    row.make = [=] { return std::make_unique<MetadataPair>(words); };
    row.repetitions = 3;
    row.memory = kGiB + kGiB / 64;
    row.unit = Unit::bytes;
    plan.rows.push_back(row);
  }
}

}  // namespace

int metadata_helper(const std::string& words) {
  std::istringstream in(words);
  std::string what, machine;
  unsigned processes = 0;
  std::uint32_t pages = 0;
  in >> what >> machine >> processes >> pages;
  return answer_questions([&](char) {
    if (machine == kOneThread.name) return metadata_per_page<OneThreadMachine>(pages, processes);
    if (machine == kThreads.name) return metadata_per_page<ThreadsMachine>(pages, processes);
    return metadata_per_page<SharedTablesMachine>(pages, processes);
  });
}

void add_memory_rows(Plan& plan) {
  add_metadata(plan, kOneThread);
  add_metadata(plan, kThreads);
  add_metadata(plan, kShared);
}

}  // namespace cow::bench

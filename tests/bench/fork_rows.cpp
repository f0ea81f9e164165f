#include <string>

#include "fork_pairs.h"
#include "rows.h"

namespace cow::bench {
namespace {

Bytes bytes_of(std::uint64_t mapped) {
  return mapped <= kMostTouched ? Bytes::touched : Bytes::reserved;
}

// Of a machine with so much mapped: page bytes, where they cannot be left alone, and all else.
std::uint64_t memory_of(std::uint64_t mapped) {
  const bool without_bytes = kReservesWithoutBytes && bytes_of(mapped) == Bytes::reserved;
  return (without_bytes ? 0 : mapped) + mapped / 32;
}

std::string gigabytes(std::uint64_t bytes) { return std::to_string(bytes / kGiB) + " GiB"; }

template <class Machine>
Row eager_fork(const Scale& scale, const Machines& machines, std::uint64_t mapped, Pages frames,
               Since since) {
  const bool sequence = frames == Pages::in_sequence;
  const std::uint32_t pages = scale.pages(mapped);
  const Bytes bytes = bytes_of(mapped);
  Row row;
  row.name = "fork/" + machines.name + "/" + std::to_string(mapped / kGiB) + "GiB/" +
             (sequence ? "sequence" : "shuffled");
  row.section = "Fork";
  row.what = "eager fork, " + gigabytes(mapped) + " mapped, frames " +
             (sequence ? "in sequence" : "shuffled");
  row.machine = machines.words;
  row.beside = "memcpy of the same tables";
  const bool one = machines.name == kOneThread.name;
  row.goal = sequence ? at_most(one ? 1.5 : 4) : at_most(one ? 5 : 20);
  if (since == Since::untouched) {
    row.name += "/again";
    row.what += "; entries as the last fork left them";
    row.goal = {};
  }
  row.make = [=] { return std::make_unique<ForkPair<Machine>>(pages, frames, since, bytes); };
  row.repetitions = scale.repetitions(mapped > kMostTouched ? 9 : 21);
  row.memory = memory_of(mapped);
  return row;
}

template <class Machine> void add_eager_forks(Plan& plan, const Machines& machines) {
  for (const Pages frames : {Pages::in_sequence, Pages::shuffled})
    for (const std::uint64_t mapped : {kGiB, 8 * kGiB})
      plan.rows.push_back(
          eager_fork<Machine>(plan.scale, machines, mapped, frames, Since::written));
  plan.rows.push_back(
      eager_fork<Machine>(plan.scale, machines, kGiB, Pages::in_sequence, Since::untouched));
}

template <class Ours, class Theirs>
Row shared_fork(const Scale& scale, const Machines& machines, std::uint64_t ours,
                std::uint64_t theirs, Debt debt) {
  const Bytes bytes = bytes_of(ours);
  const std::uint32_t our_pages = scale.pages(ours), their_pages = scale.pages(theirs);
  Row row;
  row.name = "fork/" + machines.name + "/" + std::to_string(ours / kGiB) + "GiB";
  row.section = "Fork";
  row.what = "fork, " + gigabytes(ours) + " mapped";
  row.machine = machines.words;
  row.make = [=] {
    return std::make_unique<TwoForks<Ours, Theirs>>(our_pages, bytes, their_pages, debt);
  };
  row.repetitions = scale.repetitions(21);
  row.memory = memory_of(ours) + memory_of(theirs);
  return row;
}

template <class Shared, class Eager> void add_shared_forks(Plan& plan, const Machines& machines) {
  Row faster = shared_fork<Shared, Eager>(plan.scale, machines, kGiB, kGiB, Debt::owed);
  faster.beside = "its eager fork";
  faster.goal = at_least(50);
  plan.rows.push_back(faster);

  Row flat = shared_fork<Shared, Shared>(plan.scale, machines, 8 * kGiB, 256 * kMiB, Debt::owed);
  flat.beside = "the same of 256 MiB";
  flat.goal = at_most(2);
  plan.rows.push_back(flat);

  Row paid = shared_fork<Shared, Eager>(plan.scale, machines, kGiB, kGiB, Debt::paid);
  paid.name += "/paid";
  paid.what += "; and the child's write of a page below each table";
  paid.beside = "the same with its eager fork";
  plan.rows.push_back(paid);
}

}  // namespace

void add_fork_rows(Plan& plan) {
  add_eager_forks<OneThreadMachine>(plan, kOneThread);
  add_eager_forks<ThreadsMachine>(plan, kThreads);
  add_shared_forks<SharedTablesOneThreadMachine, OneThreadMachine>(plan, kSharedOneThread);
  add_shared_forks<SharedTablesMachine, ThreadsMachine>(plan, kShared);
}

}  // namespace cow::bench

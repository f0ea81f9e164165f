// What is measured, by name, and what measurements ask of a machine beyond its steps. When a
// machine gets another type, this file changes and no other.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bench_steps.h"
#include "impl/machine.h"

namespace cow::bench {

using OneThreadMachine = impl::OneThreadMachine;        // fork copies tables, one thread at a time
using ThreadsMachine = impl::Machine;                   // the same for many threads at once
using SharedTablesMachine = impl::SharedTablesMachine;  // fork shares tables, many threads
using SharedTablesOneThreadMachine = impl::SharedTablesOneThreadMachine;

// Whether reserve_pages leaves the pages' bytes alone. Where not, a gigabyte mapped is one taken.
inline constexpr bool kReservesWithoutBytes = true;

// Makes the entries of these pages of a private anonymous region writable and dirty, in this order,
// as writes do, without touching a byte: by a reference that is got for writing and given back.
// Frames that the machine never used before are zero as the host gives them.
template <class Machine>
void reserve_pages(Machine& machine, Pid process, Region region,
                   std::span<const std::uint32_t> order) {
  Step get = page_step(Op::pin, process, region);
  get.foll_pin = false;
  const Step give_back = process_step(Op::unpin, process);
  for (const std::uint32_t page : order) {
    get.first = get.last = page;
    must(machine, get);
    must(machine, give_back);
  }
}

// What a machine holds besides its pages' bytes, tables included; nothing where it does not say, in
// which case the process's resident memory is asked.
template <class Machine> std::optional<std::uint64_t> metadata_bytes(const Machine&) {
  return std::nullopt;
}

// The rule set that asks the most: exclusive marks are kept, and fork takes them away.
inline const Rules& measured_rules() { return kRules[4]; }

}  // namespace cow::bench

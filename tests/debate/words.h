// What the page says around its tables.
#pragma once

#include <array>
#include <string>

#include "cow/rules.h"

namespace cow::debate {

constexpr const char* kAbove = R"(# The debate's table, computed

In December 2021 three predicates for "may a write fault keep the page?" were compared, in a mail,
by the copies that each misses, makes without need, or makes wrongly. This is that table, computed
from the machine for the five rule sets, with a shortest trace in every cell that is not empty.
The sequences that were typed in the debate are [beside the
traces](../tests/litmus/debate/README.md); what the rule sets stand for is in
[versions.md](versions.md).

In words: a copy is **missed** if a write lands in a page that somebody else's page or reference
shows; **unnecessary** if nobody else showed the page that was left; **wrong** if a reference and
its owner's page part (the [verdicts](language.md#verdicts)). Of the mail's three rows *copy
unless mapcount is 1* is 5.7, *copy unless refcount is 1* is 5.14 and 5.18, and *copy unless
exclusive* is 5.19 and 6.15.

Written by `tests/debate/table`; the test `debate.table` compares it with what it finds. Of
**Small pages in swap** and of **Huge pages** it replays the traces and does not search.

## How to read a cell

- `NAME, N steps`: the step N of that trace shows it, and no trace of fewer steps does. Every
  sequence of the section's steps was tried, shorter ones first, on one region of one process and
  its one child at a time, with at most two references by name; states that differ in names and
  bytes only were counted as one (*states*). A search of 5 steps without that finds the same in
  the sections of small pages never in swap and of plain read-write references.
- `none in N steps`: that search found nothing up to N steps. This is bounded, and no proof.
- `inductive: CLAUSE`: `cow prove` shows the clause to hold after every step if it held before,
  for any number of processes, pages and steps, under the assumptions of [proofs.md](proofs.md);
  those of a pin that is written through after it has parted count for 5.14 and 5.18.

Left out of the search: files and shared memory, KSM, migration, userfaultfd, remap, lock, forced
accesses, advice about fork, permission none, a second region, a third process, steps at the same
time, and failing allocations. Swap and huge pages are not combined, and plain read-write gets
stand in one section alone.
)";

constexpr const char* kTableHead =
    "| rule set | may keep | missed by a process's write | missed by a write through a reference | "
    "unnecessary | wrong: read-write reference | wrong: read-only pin | states |\n"
    "|---|---|---|---|---|---|---|---|\n";

// One for each rule set.
inline std::string predicate(std::size_t rule) {
  constexpr std::array<const char*, kRules.size()> kWords = {
      "mapcount 1", "mapcount 1 and refcount 1", "refcount 1", "exclusive, else refcount 1",
      "exclusive, else refcount 1"};
  return kWords[rule];
}

constexpr const char* kObjections = R"(
## The objections, as the machine has them

- **"Concurrent swap-in"**, against mapcount. Entries that are away in swap are no mappings, so a
  page that comes back by one of them has mapcount 1 while others still name its slot. A rule that
  asks mapcount alone misses a copy: )";

constexpr const char* kAfterObjections =
    R"( on 5.14 with that question left out (the wrong variant `swap_in_ignores_count`). Linux
  counts the entries of the swap slot too (CNT-5), so no rule set does. What its swap-in did not
  count until 5.17 are references (SWAP-5): the cell *missed* of 5.14 above. Two swap-ins at once,
  in parts, are not modelled ([not-modelled.md](not-modelled.md)): that half of the
  objection is not decided here.
- **"What keeps mapcount stable?"** Under the page-table lock nothing is between the question and
  the answer, but two sharers who write at once may each see the other and both copy:
  [order-parent-and-child-write](../tests/litmus/order-parent-and-child-write.cow). One step at
  a time 5.7 makes no *unnecessary* copy of a small page in the steps searched.
- **"Obviously can never copy too little"**, for refcount. Of small pages so it is from 5.18 on:
  inductive. On 5.14 it is so but for swap-in, and for huge pages, where mapcount alone is asked
  (HUGE-4).
- **"Easily too many copies"**, against refcount: a reference that is one's own, or nobody's, is
  enough. The mark of 5.19 leaves those where the page was shared before.
- **"A pin goes stale"**, against refcount: in 4 steps. The mark ends it for pins, inductive; for
  plain read-write gets no rule set does.

## The traces

Each can be pasted into a file of its name and given to `cow check`. The `verdict` lines are those
of the whole trace.
)";

}  // namespace cow::debate

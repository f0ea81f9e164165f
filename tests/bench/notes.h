// What a reader of the tables has to know: what is and what is not the same work.
#pragma once

#include <string_view>

namespace cow::bench {

inline constexpr std::string_view kHowMeasured =
    R"(Ours and its limit are measured by turns in one process, and take turns at who comes first.
Figures are medians; a ratio is that of the medians, and its spread is from the lower to the upper
quartile of the ratios of single repetitions. The first repetition, which meets memory that nobody
has touched, does not count. What one thread does is timed by the processor time that it took; two
threads, forks that share tables and the running kernel's exit by the time that passed.

"One thread" is the machine for one thread at a time, "concurrent" the one for many; both copy page
tables at fork. "Shared tables" are those that share them and copy when somebody writes. The rule
set is 6.15, which asks the most: exclusive marks are kept, and fork takes them away. Every step
goes through `run(const Step&)`, and each is looked at: had one come to another outcome than its
row says, the program would have ended.

A goal is *not judged* where the computer did not give what it presumes: the reason is said.
No test fails for being slow.
)";

inline constexpr std::string_view kNotes =
    R"(- **Fork.** The parent has written every page since the last fork, so fork finds writable
  entries and protects each. The rows "entries as the last fork left them" leave that out. The
  limit copies exactly as many tables of 4 KiB as the fork makes, upper ones included, into tables
  that were used and zeroed before, as the child's were. Its source is written in the same loop as
  the parent's entries, so that caches are alike. "In sequence" are frames as first writes in order
  take them, "shuffled" as first writes at random do. The limit keeps no counts: that is what the
  ratio is of.
- **Forks that share tables** are beside the same fork of the machine that copies them, its parent
  written again likewise. What they put off is in the rows where the child then writes a page below
  each last-level table, and in the rows of faults.
- **Bytes.** Up to 2 GiB, pages are really written. Above, entries are made writable by a reference
  that is got for writing and given back: the same fault, and no byte is touched.
- **Write fault that copies.** The child writes pages that it shares with its parent. Copies go into
  frames that the last child freed: touched before, and at random places in the rows at random. The
  limit copies the same pages in the same order, between two runs of memory as large as the
  machine's, touched before, its destinations in sequence or at random likewise. In sequence, the
  pages are the first ones of the region.
- **Reuse and zero-page faults.** The limit's tables hold addresses; its compare-and-swap is a
  locked instruction beside the machine for one thread, too. The machine goes on to touch the
  page's byte, as the program would, which lies on a cache line and a host page of its own. At 4
  MiB that costs little, so the goal is asked there; the rows of 1 GiB, whose limit writes that byte
  beside the reuse fault, are for information.
- **The locks of a fault.** A bare walk and its compare-and-swap again, now under the locks that a
  fault takes, which nobody else wants: its CPU's twice, the address space's for reading, a page
  table's. That much a concurrent machine cannot be below, whatever it does besides.
- **First touch.** Pages were discarded before, so frames and tables are used memory on both sides.
- **Unmap, exit.** The limit loads each entry once, eight bytes a load, in order; the compiler may
  not join loads. Its entries were written in the same loop as ours. With own pages frames are
  freed, with shared ones counts are lowered.
- **Two threads**, each on a core of its own, write halves of the same amount: halves of one region,
  or a region in each of two processes of one machine. The ratio is the one thread's time over
  theirs. Before each repetition two threads spin on counters of their own: where they do not do 1.9
  times the work of one, the machine gave no two cores, and the row is not judged. What plain memcpy
  gains from a second thread stands beside, because memory may be what lacks.
- **Executions explored.** Orders at random on both sides, so that executions are as many; each of
  ours is set up and checked. The empty bodies take as many points, on words of their own.
- **Metadata** is what is resident in a process of its own beyond the pages' bytes, unless the
  machine says it itself.
)";

inline constexpr std::string_view kKernelNotes =
    R"(For information: a small process of its own forks, faults and exits by the running kernel,
private anonymous memory, transparent huge pages off for it. Ours is the concurrent machine, one
thread. The ratio is ours over the kernel's.

- The same: entries copied and protected, counts raised and lowered, page bytes copied or zeroed, in
  the same order.
- Only the kernel: the exception and the return from it, flushes of a real TLB, memory control
  groups, LRU lists and reverse mappings, the page allocator; at fork and exit also all else that a
  process is: descriptors, signals, its program's own memory, the scheduler. Its exit is timed until
  the parent has waited, on whatever core it ran.
- Only ours: outcomes; and the one byte that a step reads or writes is moved by a call instead of an
  instruction.
- In a virtual machine the kernel's faults and everybody's misses of the TLB walk two sets of
  tables.
)";

}  // namespace cow::bench

// What the running kernel is asked to do, in a process with nothing mapped but what a small program
// has.
#pragma once

namespace cow::bench {

enum class KernelWork : char {
  fork = 'f',         // of all pages, each written since the last one: until fork returns
  copy = 'c',         // the child writes all pages in sequence
  reuse = 'r',        // the parent writes all pages after its child's exit
  first_touch = 't',  // writes to pages that were discarded
  zero = 'z',         // reads of the same
  exit = 'x',         // of a child that shares all pages: until its parent has waited for it
  unmap = 'u',        // of all pages, own ones
};

}  // namespace cow::bench

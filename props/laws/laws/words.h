// A test case is a vector of words, each read as a step: "the k-th live process, its j-th page, …".
//
// Reading never fails, so every shorter vector with smaller numbers is a test case too, and says
// something near to what the longer one said.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cow/step.h"

namespace cow::laws {

// The first word says what stands before the first step. In each word, byte by byte from the
// lowest: operation, process, region, page, length (or reference, or child), value, flags, cell.
using Words = std::vector<std::uint64_t>;

// What a generated step does, simple ones first. Some stand for several steps.
enum class Choice : std::uint8_t {
  write,
  read,
  fork,
  exit,
  unmap,
  map,
  dontneed,
  protect,
  protect_back,  // ro, then rw again
  force_read,
  force_write,
  pin,
  ref_read,
  ref_write,
  unpin,
  sys_ref,
  sys_unref,
  clear_refs,
  advise_fork,  // dontfork, dofork, wipeonfork, keeponfork
  fail_alloc,
  fail_and_retry,  // sys fail alloc 1, a step, the same step
  fail_table,
  remap,
  lock,
  unlock,
  uffd_wp,       // set, lifted, or one after the other
  advise_pages,  // pageout, mergeable, unmergeable
  swapout,
  migrate,
  ksm,      // perhaps of pages that are made equal first
  give_up,  // advise free
  wild,     // names and indices that may not exist
};
inline constexpr std::size_t kChoices = 32;

// How often each choice is made, and what is in reach.
struct Profile {
  std::string_view name;
  std::array<std::uint8_t, kChoices> weights{};
  bool files = false;       // file mappings and shared memory, else private anonymous memory
  bool huge = false;        // regions of one or two huge pages
  bool hugetlb = false;     // … that are hugetlb, and of which there are few
  bool few_frames = false;  // some cases have hardly enough memory
  bool pins = true;         // what sort of references: FOLL_PIN
  bool gets_ro = true;      // plain gets
  bool gets_rw = false;     // … read-write ones: a known finding of every rule set
  std::uint32_t processes = 4;
  std::uint32_t regions = 4;  // of one process
  std::uint32_t pages = 4;    // of one region
  std::uint32_t cost = 1;     // of a case: so many times fewer are tried
};

// core, protection, references, force, stray, failures, files, moves, reclaim, huge, everything;
// the same names with `+get_rw` where plain read-write gets are in.
const std::vector<Profile>& profiles();
// REQUIRES: there is one of that name.
const Profile& profile(std::string_view name);
Profile with_get_rw(Profile p);

struct Case {
  Setup setup;
  std::vector<Step> steps;
};

// Reads words under a profile. REQUIRES of the caller: nothing.
class Decoder {
 public:
  explicit Decoder(const Profile& profile);
  // The steps that the words stand for, at most `size` of them, into `out`, whose memory is kept.
  void decode(const Words& words, std::size_t size, Case& out);

 private:
  struct Area {
    std::uint32_t pages = 0;  // 0: no such region
    std::uint64_t gone = 0;   // bit i: page i was unmapped or moved
  };
  struct Process {
    bool alive = false;
    std::array<Area, 8> areas{};
    std::uint32_t mapped = 0;  // how many of them have pages
  };
  struct Word;
  static constexpr std::uint32_t kFew = 32;  // pages that are each remembered
  static bool any_gone(const Area& area, const Step& step);

  void setup(std::uint64_t word, Setup& out) const;
  void one(const Word& word, std::vector<Step>& out);
  void on_page(Choice choice, const Word& word, Pid p, std::vector<Step>& out);
  void on_reference(Choice choice, const Word& word, Pid p, std::vector<Step>& out);
  void map(const Word& word, Pid p, std::vector<Step>& out);
  void unmap(const Word& word, Pid p, std::vector<Step>& out);
  void remap(const Word& word, Pid p, std::vector<Step>& out);
  void take_away(const Step& step);
  void fork(Pid p, std::vector<Step>& out);
  void exit(Pid p, std::vector<Step>& out);
  void pin(const Word& word, Pid p, std::vector<Step>& out);
  void protect(const Word& word, Pid p, bool back, std::vector<Step>& out) const;
  void advise(Choice choice, const Word& word, Pid p, std::vector<Step>& out) const;
  void give_up(const Word& word, Pid p, std::vector<Step>& out) const;
  void protect_by_uffd(const Word& word, Pid p, std::vector<Step>& out) const;
  void merge(const Word& word, Pid p, std::vector<Step>& out) const;
  void retry(const Word& word, Pid p, std::vector<Step>& out);
  void wild(const Word& word, std::vector<Step>& out) const;
  [[nodiscard]] Pid process(const Word& word) const;
  [[nodiscard]] Step place(Op op, const Word& word, Pid p) const;
  [[nodiscard]] Step range(Op op, const Word& word, Pid p) const;
  [[nodiscard]] std::uint32_t lowest_dead() const;

  const Profile& profile_;
  std::array<Choice, 256> table_{};
  std::array<Process, 8> processes_{};
  std::uint32_t alive_ = 0;
  std::vector<Ref> refs_;  // taken, in the order of taking
};

}  // namespace cow::laws

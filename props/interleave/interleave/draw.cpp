#include "interleave/draw.h"

#include <algorithm>
#include <iterator>
#include <random>

namespace cow::interleave {
namespace {

constexpr Region kA{0}, kB{1}, kC{2};
constexpr std::uint32_t kPages = 2;
constexpr std::uint32_t kDevice = 56;  // its CPU is a secondary MMU

// Who takes a step. One thread of one process is in one column only.
struct Actor {
  Pid process;
  std::uint32_t thread;
};

class Drawing {
 public:
  explicit Drawing(std::uint64_t seed)
      : random_(seed),
        is_watched_(seed % 8 == 0),
        migrates_(seed % 8 == 4),
        swaps_(seed % 8 == 2),
        merges_(seed % 8 == 6),
        on_one_page_(one_in(2)) {}

  Program take() {
    if (one_in(4)) program_.setup.frames = 2 + pick(3);
    prefix();
    const std::size_t columns = one_in(is_watched_ ? 2 : 4) ? 3 : 2;
    program_.columns.resize(columns);
    deal_actors();
    for (std::size_t c = 0; c < columns; ++c)
      for (std::uint32_t n = 1 + pick(columns == 2 ? 3 : 2); n > 0; --n) put_step(c);
    return std::move(program_);
  }

 private:
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  bool one_in(std::uint32_t n) { return pick(n) == 0; }

  // ---- Before the columns ----

  void prefix() {
    map(kA, false);
    if (is_watched_) put(by({}, {.op = Op::uffd_wp, .on = false}, kA));
    if (!one_in(6)) write(kA, 0);
    if (one_in(2) || merges_) write(kA, 1);
    const bool early = one_in(2);
    if (early) second_region();
    if (swaps_ ? one_in(3) : !one_in(3)) {
      put({.op = Op::fork, .child = Pid{1}});
      has_child_ = true;
    }
    if (!early && one_in(2)) second_region();
    if (merges_ && !one_in(3)) merged();
    for (std::uint32_t n = 1 + pick(3); n > 0; --n) {
      const Actor who{Pid{has_child_ && one_in(4) ? 1u : 0u}, one_in(8) ? kDevice : pick(3)};
      put(access(who, one_in(4)));
    }
    if (one_in(is_watched_ ? 2 : 8)) put(pin({}));
    if (one_in(12)) put(protect({}));
    if (swaps_ && one_in(2)) put(swap_out({}));
    if (has_child_ && one_in(12)) {
      put({.op = Op::exit, .process = Pid{1}});
      has_child_ = false;
    }
  }
  // Two pages are one; then perhaps the first is alone with it, and the second as it was.
  void merged() {
    const Step both = merge({});
    put(both);
    if (!one_in(3)) write(both.to, both.at);
  }
  // Mapped, perhaps written to, and perhaps gone, so that its frames are free.
  void second_region() {
    map(kB, one_in(4));
    has_second_ = true;
    if (!one_in(3)) write(kB, pick(kPages));
    if (!one_in(3)) return;
    put({.op = Op::unmap, .region = kB, .last = kPages - 1});
    has_second_ = false;
  }
  void map(Region region, bool shared) {
    put({.op = Op::map,
         .region = region,
         .share = shared ? Share::shared : Share::private_,
         .count = kPages});
  }
  void write(Region region, std::uint32_t page) {
    const std::uint8_t equal = 1;  // pages merge that are
    put({.op = Op::write,
         .region = region,
         .first = page,
         .last = page,
         .value = merges_ ? equal : value()});
  }
  void put(const Step& step) { program_.before.push_back(step); }

  // ---- The columns ----

  void deal_actors() {
    const auto columns = static_cast<std::uint32_t>(program_.columns.size());
    for (std::uint32_t c = 0; c < 3; ++c)
      actors_[c < columns ? c : pick(columns)].push_back({Pid{0}, c});
    if (one_in(4)) actors_[pick(columns)].push_back({Pid{0}, kDevice});
    for (std::uint32_t t = 0; has_child_ && t < 2; ++t)
      actors_[pick(columns)].push_back({Pid{1}, t});
    // Somebody else's steps in a child that may not have been born yet.
    if (!has_child_ && one_in(8)) actors_[pick(columns)].push_back({Pid{1}, 3});
  }
  // What one has written, another of the column may read: it must be what is read.
  void put_step(std::size_t column) {
    std::vector<Actor>& actors = actors_[column];
    const Step s = program_.columns[column].emplace_back(step(actors));
    if (s.op != Op::write || !one_in(swaps_ ? 2 : 3)) return;
    if (swaps_ && !one_in(3)) {
      program_.columns[column].push_back(out_again(s));
      return;
    }
    Step read = s;
    read.op = Op::read;
    read.value = 0;
    read.thread = any_of(actors, s.process).thread;
    program_.columns[column].push_back(read);
  }
  Actor any_of(const std::vector<Actor>& actors) {
    return actors[pick(static_cast<std::uint32_t>(actors.size()))];
  }
  Actor any_of(const std::vector<Actor>& actors, Pid process) {
    std::vector<Actor> some;
    std::copy_if(actors.begin(), actors.end(), std::back_inserter(some),
                 [&](const Actor& a) { return a.process == process; });
    return any_of(some);
  }
  Step step(std::vector<Actor>& actors) {
    const Actor who = any_of(actors);
    if (who.thread == kDevice) return access(who, one_in(2));
    if (is_watched_ && one_in(4)) return watch(who);
    if (migrates_ && one_in(4)) return by(who, {.op = Op::sys_migrate});
    if (swaps_ && one_in(4)) return swap_out(who);
    if (merges_ && one_in(4)) return merge(who);
    if ((migrates_ && one_in(5)) || (merges_ && one_in(6))) return protect(who);
    switch (pick(16)) {
      case 0:
      case 1:
      case 2: return forked_ ? access(who, true) : fork(who, actors);
      case 3:
      case 4: return pinned_ ? through_reference() : pin(who);
      case 5: return pinned_ ? through_reference() : access(who, false);
      case 6: return discard(who, Op::advise);
      case 7:
        // A name that only some orders make outlives them: a watched region keeps its name.
        if (!moved_ && one_in(3) && !is_watched_) return remap(who);
        return discard(who, one_in(2) ? Op::unmap : Op::advise);
      case 8: return one_in(3) ? protect(who) : access(who, true);
      default: return access(who, one_in(2));
    }
  }
  Step fork(const Actor& who, std::vector<Actor>& actors) {
    const Pid child{has_child_ ? 2u : 1u};
    forked_ = true;
    actors.push_back({child, who.thread});
    return by(who, {.op = Op::fork, .child = child});
  }
  Step access(const Actor& who, bool writes) {
    Step s = by(who, {.op = writes ? Op::write : Op::read, .cell = cell()});
    if (writes) s.value = value();
    return s;
  }
  Step pin(const Actor& who) {
    pinned_ = true;
    return by(who, {.op = Op::pin,
                    .prot = one_in(3) ? Prot::ro : Prot::rw,
                    .foll_pin = one_in(2),
                    .fast = one_in(2)});
  }
  Step through_reference() {
    Step s{.op = one_in(2) ? Op::ref_read : Op::ref_write, .cell = cell()};
    if (s.op == Op::ref_write) s.value = value();
    return s;
  }
  Step discard(const Actor& who, Op op) {
    Step s = by(who, {.op = op});
    if (one_in(2)) s.first = 0, s.last = kPages - 1;
    return s;
  }
  // By its new name the column may then give up what others still know by the old one.
  Step remap(const Actor& who) {
    moved_ = true;
    return by(who, {.op = Op::remap, .to = kC}, kA);
  }
  // Where pages move, all access goes as often as some.
  Step protect(const Actor& who) {
    if (migrates_ && one_in(2)) return by(who, {.op = Op::protect, .prot = Prot::none});
    return by(who, {.op = Op::protect, .prot = one_in(2) ? Prot::ro : Prot::rw});
  }
  Step swap_out(const Actor& who) {
    if (one_in(2)) return by(who, {.op = Op::sys_swapout});
    return by(who, {.op = Op::advise, .advice = Advice::pageout});
  }
  // What was written, so that its slot has other bytes.
  static Step out_again(const Step& s) {
    return {.op = Op::sys_swapout,
            .process = s.process,
            .region = s.region,
            .first = s.first,
            .last = s.first};
  }
  // Of this process's pages: a child's too where it is the child's step.
  Step merge(const Actor& who) {
    Step s{.op = Op::sys_ksm, .child = who.process, .to = has_second_ ? kB : kA};
    s = by(who, s, kA);
    s.at = has_second_ ? pick(kPages) : 1 - s.first;
    return s;
  }
  // A protection is more often lifted: what is protected cannot be written to.
  Step watch(const Actor& who) { return by(who, {.op = Op::uffd_wp, .on = one_in(3)}, kA); }
  Step by(const Actor& who, Step s) {
    s.process = who.process;
    s.thread = who.thread;
    if (s.op == Op::fork) return s;
    return by(who, s,
              moved_ && one_in(3)                         ? kC
              : !on_one_page_ && has_second_ && one_in(3) ? kB
                                                          : kA);
  }
  Step by(const Actor& who, Step s, Region region) {
    s.process = who.process;
    s.thread = who.thread;
    s.region = region;
    s.first = s.last = !on_one_page_ && one_in(3) ? 1 : 0;
    return s;
  }
  std::uint8_t cell() { return on_one_page_ || one_in(2) ? 0 : 1; }
  std::uint8_t value() { return static_cast<std::uint8_t>(1 + pick(merges_ ? 2 : 9)); }

  std::mt19937_64 random_;
  bool is_watched_;   // a is registered with userfaultfd
  bool migrates_;     // pages move
  bool swaps_;        // … go to swap
  bool merges_;       // … become one
  bool on_one_page_;  // everybody meets at one byte; else there is more to go wrong at once
  Program program_;
  std::vector<Actor> actors_[3];  // of each column
  bool has_child_ = false;        // P1 when the columns begin
  bool has_second_ = false;       // b
  bool forked_ = false, pinned_ = false;
  bool moved_ = false;  // to c
};

}  // namespace

Program draw(std::uint64_t seed) { return Drawing(seed).take(); }

}  // namespace cow::interleave

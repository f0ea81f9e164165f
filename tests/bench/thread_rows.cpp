// Two threads against one that does the work of both. A machine that does not give two cores to
// two threads that share nothing cannot judge this: that is asked in each repetition.
#include <array>
#include <string>

#include "bare.h"
#include "rows.h"
#include "together.h"

namespace cow::bench {
namespace {

constexpr double kTwoCores = 1.9;
// For a page of the work that is judged: long beside the slices that a scheduler gives to others.
constexpr std::uint64_t kSpins = 1000;

// A counter of its own for each part.
void spin(unsigned, std::uint64_t times) {
  std::uint64_t counter = 0;
  for (std::uint64_t i = 0; i < times; ++i) {
    ++counter;
    asm volatile("" : "+r"(counter));
  }
}

class SpinPair : public Pair {
 public:
  explicit SpinPair(std::uint64_t times) : times_(times) {}
  double ours() override {
    return two_at_once([this](unsigned part) { spin(part, times_); });
  }
  double limit() override {
    return one_after_the_other([this](unsigned part) { spin(part, times_); });
  }

 private:
  std::uint64_t times_;
};

// What the memory gives to two threads, whatever a machine does with it.
class MemcpyPair : public Pair {
 public:
  explicit MemcpyPair(std::uint32_t pages)
      : order_(in_sequence(pages)), parts_{Part(pages), Part(pages)} {}
  double ours() override {
    return two_at_once([this](unsigned part) { copy(part); });
  }
  double limit() override {
    return one_after_the_other([this](unsigned part) { copy(part); });
  }

 private:
  struct Part {
    explicit Part(std::uint32_t pages) : from(pages), to(pages) {}
    BarePages from, to;
  };
  void copy(unsigned part) const { copy_pages(parts_[part].to, order_, parts_[part].from, order_); }
  Order order_;
  std::array<Part, 2> parts_;
};

enum class Work : std::uint8_t { copy, reuse, first_touch };
enum class Where : std::uint8_t { one_process, two_processes };

// Each part writes `pages` pages of its own, in one process or in its own. A spin test goes with
// each repetition, and says in the end whether it may be judged.
class ThreadsPair : public Pair {
 public:
  ThreadsPair(std::uint32_t pages, Work work, Where where, std::vector<double>& spins)
      : machine_(Setup{}, measured_rules()), work_(work), spins_(spins), spin_(kSpins * pages) {
    const bool together = where == Where::one_process;
    if (!together) must(machine_, process_step(Op::fork, kFirst, kSecond));
    for (unsigned part = 0; part < 2; ++part) {
      parts_[part].process = part == 1 && !together ? kSecond : kFirst;
      parts_[part].order = in_sequence(pages);
      parts_[part].step = page_step(Op::write, parts_[part].process);
      parts_[part].step.thread = part;
    }
    if (together)
      for (std::uint32_t& page : parts_[1].order) page += pages;
    mapped_ = together ? 2 * pages : pages;
    for (const Pid process : {kFirst, kSecond}) {
      if (process == kSecond && together) continue;
      must(machine_, range_step(Op::map, process, mapped_));
      writers_.push_back(process);
    }
    for (const Part& part : parts_) access_all(machine_, part.step, part.order, Outcome::fresh);
  }

  void prepare() override {
    spins_.push_back(spin_.limit() / spin_.ours());
    set_up();
  }
  double ours() override {
    const double t = two_at_once([this](unsigned part) { write(part); });
    again();
    return t;
  }
  double limit() override {
    const double t = one_after_the_other([this](unsigned part) { write(part); });
    again();
    return t;
  }
  void clean() override { tear_down(); }

 private:
  static constexpr Pid kFirst{0}, kSecond{1}, kHolder{2};
  struct Part {
    Pid process{};
    Order order;
    Step step;
  };

  void write(unsigned part) {
    const Outcome expected = work_ == Work::copy    ? Outcome::copied
                             : work_ == Work::reuse ? Outcome::reused
                                                    : Outcome::fresh;
    access_all(machine_, parts_[part].step, parts_[part].order, expected);
  }

  static Pid holder_of(Pid writer) { return Pid{index(kHolder) + index(writer)}; }
  // A holder keeps the pages that are then copied, or goes so that they are the writer's alone.
  void set_up() {
    for (const Pid writer : writers_) {
      if (work_ == Work::first_touch) {
        Step discard = range_step(Op::advise, writer, mapped_);
        discard.advice = Advice::dontneed;
        must(machine_, discard);
        continue;
      }
      must(machine_, process_step(Op::fork, writer, holder_of(writer)));
      if (work_ == Work::reuse) must(machine_, process_step(Op::exit, holder_of(writer)));
    }
  }
  void tear_down() {
    if (work_ != Work::copy) return;
    for (const Pid writer : writers_) must(machine_, process_step(Op::exit, holder_of(writer)));
  }
  // Both sides' work is the same, on the same machine.
  void again() {
    tear_down();
    set_up();
  }

  ThreadsMachine machine_;
  Work work_;
  std::vector<double>& spins_;
  SpinPair spin_;
  std::array<Part, 2> parts_;
  std::uint32_t mapped_ = 0;
  std::vector<Pid> writers_;
};

std::string too_few_cores(const std::vector<double>& spins) {
  const double got = spread_of(spins).median;
  if (got >= kTwoCores) return {};
  return "two spinning threads did " + std::to_string(got).substr(0, 4) + " times one's work";
}

Row thread_row(const Scale& scale, Work work, Where where) {
  const bool together = where == Where::one_process;
  const std::uint32_t pages = scale.pages(kGiB / 2);
  const std::string words = work == Work::copy    ? "write faults that copy"
                            : work == Work::reuse ? "reuse faults"
                                                  : "first touches";
  const std::string name = work == Work::copy    ? "copy"
                           : work == Work::reuse ? "reuse"
                                                 : "first_touch";
  Row row;
  row.name = "two_threads/" + name + (together ? "/one_process" : "/two_processes");
  row.section = "Two threads";
  row.machine = kThreads.words;
  row.what = "two threads, " + words + " in " + (together ? "one process" : "two processes");
  row.beside = "one thread with the work of both";
  row.goal = at_least(1.8);
  const auto spins = std::make_shared<std::vector<double>>();
  row.make = [=] { return std::make_unique<ThreadsPair>(pages, work, where, *spins); };
  row.not_judged = [spins] { return too_few_cores(*spins); };
  row.per = 2.0 * pages;
  row.repetitions = scale.repetitions(11);
  row.memory = (work == Work::copy ? 2 : 1) * (kGiB + kGiB / 64);
  return row;
}

Row bare_row(const Scale& scale, const std::string& name, const std::string& what) {
  Row row;
  row.name = name;
  row.section = "Two threads";
  row.what = what;
  row.beside = "one thread with the work of both";
  row.goal = at_least(0);
  row.repetitions = scale.repetitions(11);
  return row;
}

}  // namespace

void add_thread_rows(Plan& plan) {
  const std::uint32_t pages = plan.scale.pages(kGiB / 2);
  Row spins = bare_row(plan.scale, "two_threads/spin", "two threads that spin");
  spins.make = [=] { return std::make_unique<SpinPair>(kSpins * pages); };
  Row copies = bare_row(plan.scale, "two_threads/memcpy", "two threads, memcpy of 1 GiB");
  copies.make = [=] { return std::make_unique<MemcpyPair>(pages); };
  copies.memory = 2 * kGiB;
  plan.rows.push_back(spins);
  plan.rows.push_back(copies);
  for (const Work work : {Work::copy, Work::reuse, Work::first_touch})
    for (const Where where : {Where::one_process, Where::two_processes})
      plan.rows.push_back(thread_row(plan.scale, work, where));
}

}  // namespace cow::bench

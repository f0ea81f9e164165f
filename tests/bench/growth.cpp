// How cost grows with what is mapped, with how many share it, and with how deep they descend.
#include <string>

#include "rows.h"
#include "scene.h"
#include "timers.h"

namespace cow::bench {
namespace {

constexpr double kNotMeasured = -1;

// One repetition of a parent's life: discard, first touch, fork, exit, reuse, fork, copy. Seconds a
// page.
template <class Machine> std::vector<double> life(Scene<Machine>& scene) {
  const double pages = scene.pages();
  const auto each = [&](double seconds) { return seconds / pages; };
  const auto accesses = [&](Pid process, Outcome expected) {
    return each(timed([&] {
      access_all(scene.machine(), page_step(Op::write, process), scene.order(), expected);
    }));
  };
  const auto fork = [&] { return each(timed([&] { scene.fork(); })); };
  const auto exit = [&] { return each(timed([&] { scene.exit_child(); })); };
  if (!scene.touched()) {
    scene.write_again(kNothingElse);
    const double forked = fork();
    return {forked, exit(), kNotMeasured, kNotMeasured, kNotMeasured, kNotMeasured};
  }
  const double discarded = each(timed([&] { scene.discard(); }));
  const double touched = accesses(kParent, Outcome::fresh);
  const double forked = fork();
  const double exited = exit();
  const double reused = accesses(kParent, Outcome::reused);
  fork();
  const double copied = accesses(kChild, Outcome::copied);
  scene.exit_child();
  return {forked, exited, touched, copied, reused, discarded};
}

std::string size_label(std::uint64_t bytes) {
  return bytes < kGiB ? std::to_string(bytes / kMiB) + " MiB"
                      : std::to_string(bytes / kGiB) + " GiB";
}

template <class Machine>
Growing size_line(const Scale& scale, const Machines& machines, std::uint64_t bytes) {
  const std::uint32_t pages = scale.pages(bytes);
  Growing line;
  line.name = "growth/mapped/" + machines.name + "/" + std::to_string(bytes / kMiB) + "MiB";
  line.label = size_label(bytes);
  const bool written = bytes <= kMostTouched;
  const Bytes touched = written ? Bytes::touched : Bytes::reserved;
  line.make = [pages, touched]() -> Line {
    const auto scene = std::make_shared<Scene<Machine>>(pages, Pages::in_sequence, touched);
    return [scene] { return life(*scene); };
  };
  line.memory = (written ? 2 * bytes : kReservesWithoutBytes ? 0 : bytes) + bytes / 32;
  return line;
}

template <class Machine> void add_sizes(Plan& plan, const Machines& machines) {
  Growth growth;
  growth.title = "What is mapped, ns a page; " + machines.words;
  growth.of = "mapped";
  growth.columns = {"fork",          "exit, shared", "first touch",
                    "copying fault", "reuse fault",  "discard, own"};
  for (const std::uint64_t mib : {16, 64, 256, 1024, 2048, 4096, 16384})
    growth.lines.push_back(size_line<Machine>(plan.scale, machines, mib * kMiB));
  plan.growths.push_back(growth);
}

// Processes that share all pages of one: children of it, or each the child of the one before.
enum class Family : std::uint8_t { star, chain };

template <class Machine> class Relatives {
 public:
  Relatives(std::uint32_t pages, std::uint32_t processes, Family family)
      : order_(in_sequence(pages)),
        machine_(Setup{}, measured_rules()),
        last_{family == Family::chain ? processes - 1 : 0},
        next_{processes} {
    must(machine_, range_step(Op::map, Pid{0}, pages));
    access_all(machine_, page_step(Op::write, Pid{0}), order_, Outcome::fresh);
    for (std::uint32_t p = 1; p < processes; ++p)
      must(machine_, process_step(Op::fork, Pid{family == Family::chain ? p - 1 : 0}, Pid{p}));
  }

  // One more: its fork, its exit; its fork again and its writes.
  std::vector<double> one_more() {
    const double pages = static_cast<double>(order_.size());
    const auto step = [&](const Step& s) { return timed([&] { must(machine_, s); }) / pages; };
    const double forked = step(process_step(Op::fork, last_, next_));
    const double exited = step(process_step(Op::exit, next_));
    must(machine_, process_step(Op::fork, last_, next_));
    const double copied =
        timed([&] { access_all(machine_, page_step(Op::write, next_), order_, Outcome::copied); });
    must(machine_, process_step(Op::exit, next_));
    return {forked, exited, copied / pages};
  }

 private:
  Order order_;
  Machine machine_;
  Pid last_, next_;
};

template <class Machine> void add_family(Plan& plan, const Machines& machines, Family family) {
  constexpr std::uint64_t kMapped = 16 * kMiB;
  const bool chain = family == Family::chain;
  Growth growth;
  growth.title = std::string(chain ? "A chain of forks" : "Processes that share each page") +
                 ", 16 MiB each, one more of them, ns a page; " + machines.words;
  growth.of = chain ? "deep" : "processes";
  growth.columns = {"fork", "exit, shared", "copying fault"};
  for (const std::uint32_t full : {1u, 10u, 100u, 1000u}) {
    const std::uint32_t processes = plan.scale.count(full), pages = plan.scale.pages(kMapped);
    Growing line;
    line.name = std::string("growth/") + (chain ? "chain/" : "sharers/") + machines.name + "/" +
                std::to_string(full);
    line.label = std::to_string(full);
    line.make = [=]() -> Line {
      const auto relatives = std::make_shared<Relatives<Machine>>(pages, processes, family);
      return [relatives] { return relatives->one_more(); };
    };
    line.memory = 3 * kMapped + full * (kMapped / 256);
    growth.lines.push_back(line);
  }
  plan.growths.push_back(growth);
}

template <class Machine> void add_growths(Plan& plan, const Machines& machines) {
  add_sizes<Machine>(plan, machines);
  add_family<Machine>(plan, machines, Family::star);
  add_family<Machine>(plan, machines, Family::chain);
}

}  // namespace

void add_growth(Plan& plan) {
  add_growths<OneThreadMachine>(plan, kOneThread);
  add_growths<ThreadsMachine>(plan, kThreads);
  add_growths<SharedTablesMachine>(plan, kShared);
}

}  // namespace cow::bench

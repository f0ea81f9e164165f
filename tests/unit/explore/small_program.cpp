#include "small_program.h"

#include <algorithm>
#include <map>
#include <random>

#include "explore/explored.h"

namespace cow::explore {

namespace {

using What = Op::What;
constexpr unsigned kWords = 3;
constexpr unsigned kLocks = 2;

// Who touched which place in which order, without the order of readers between two writers.
class Classes {
 public:
  void add(unsigned place, unsigned body, bool write) {
    std::string& said = places_[place];
    if (write) {
      close(place);
      said += static_cast<char>('A' + body);
    } else {
      reads_[place] += static_cast<char>('a' + body);
    }
  }
  std::string all() {
    std::string text;
    for (unsigned place = 0; place < places_.size(); ++place) {
      close(place);
      text += places_[place] + "/";
    }
    return text;
  }

 private:
  void close(unsigned place) {
    std::sort(reads_[place].begin(), reads_[place].end());
    places_[place] += reads_[place];
    reads_[place].clear();
  }
  std::array<std::string, kWords + 2 * kLocks> places_, reads_;
};

unsigned place_of(const Op& op) {
  if (op.what < What::skip) return op.place;
  return kWords + op.place + (op.what >= What::read_lock ? kLocks : 0);
}
bool is_write(What what) {
  return what == What::store || what == What::add || what == What::lock || what == What::write_lock;
}
bool is_release(What what) {
  return what == What::unlock || what == What::read_unlock || what == What::write_unlock;
}

struct State {
  std::array<unsigned, kWords> words{};
  std::array<unsigned, kBodies> registers{};

  std::string text(std::size_t bodies, bool stuck) const {
    std::string said = stuck ? "stuck" : "";
    for (const unsigned word : words) said += " " + std::to_string(word);
    for (std::size_t i = 0; i < bodies; ++i) said += " r" + std::to_string(registers[i]);
    return said;
  }
};

// The enumerator's own machine. A writer shuts the door first, and then waits for the readers.
struct Machine : State {
  std::array<bool, kLocks> held{};
  std::array<unsigned, kLocks> readers{};
  std::array<bool, kLocks> writing{};
  std::array<unsigned, kBodies> at{};
  std::array<bool, kBodies> draining{};

  bool may_go(unsigned body, const Op& op) const {
    if (draining[body]) return readers[op.place] == 0;
    if (op.what == What::lock) return !held[op.place];
    return (op.what != What::read_lock && op.what != What::write_lock) || !writing[op.place];
  }

  void step(unsigned body, const Op& op) {
    unsigned& mine = registers[body];
    ++at[body];
    switch (op.what) {
      case What::load: mine += words[op.place]; break;
      case What::store: words[op.place] = mine + body + 1; break;
      case What::add: mine = words[op.place]++; break;
      case What::skip: at[body] += mine % 2 * op.place; break;
      case What::lock: held[op.place] = true; break;
      case What::unlock: held[op.place] = false; break;
      case What::read_lock: ++readers[op.place]; break;
      case What::read_unlock: --readers[op.place]; break;
      case What::write_unlock: writing[op.place] = false; break;
      case What::write_lock:
        writing[op.place] = true;
        if (!draining[body]) --at[body];
        draining[body] = !draining[body];
    }
  }
};

class Enumerator {
 public:
  explicit Enumerator(const Program& program) : program_(program) {}
  Seen all() {
    Classes none;
    from({}, none);
    return std::move(seen_);
  }

 private:
  void from(const Machine& machine, const Classes& classes) {
    bool over = true;
    bool stuck = true;
    for (unsigned body = 0; body < program_.size(); ++body) {
      if (machine.at[body] >= program_[body].size()) continue;
      over = false;
      const Op& op = program_[body][machine.at[body]];
      if (!machine.may_go(body, op)) continue;
      stuck = false;
      Machine after = machine;
      Classes more = classes;
      if (!is_release(op.what) && op.what != What::skip && !machine.draining[body])
        more.add(place_of(op), body, is_write(op.what));
      after.step(body, op);
      from(after, more);
    }
    if (!stuck) return;
    seen_.states.insert(machine.text(program_.size(), !over));
    seen_.classes.insert(Classes(classes).all() + (over ? "" : "stuck"));
  }

  const Program& program_;
  Seen seen_;
};

// The same program in fibers.
struct World : State {
  std::array<Explored::Lock, kLocks> locks;
  std::array<Explored::RwLock, kLocks> rw_locks;

  unsigned place_of(const void* address) const {
    const auto within = [&](const auto& array) -> int {
      const auto* from = reinterpret_cast<const char*>(array.data());
      const auto offset = static_cast<const char*>(address) - from;
      if (offset < 0 || offset >= static_cast<std::ptrdiff_t>(sizeof array)) return -1;
      return static_cast<int>(offset / static_cast<std::ptrdiff_t>(sizeof array[0]));
    };
    if (const int word = within(words); word >= 0) return static_cast<unsigned>(word);
    if (const int lock = within(locks); lock >= 0) return kWords + static_cast<unsigned>(lock);
    return kWords + kLocks + static_cast<unsigned>(within(rw_locks));
  }

  // Says how many ops to pass over.
  unsigned step(unsigned body, const Op& op) {
    unsigned& mine = registers[body];
    switch (op.what) {
      case What::load: mine += Explored::load(words[op.place]); break;
      case What::store: Explored::store(words[op.place], mine + body + 1); break;
      case What::add: mine = Explored::fetch_add(words[op.place], 1); break;
      case What::skip: return mine % 2 * op.place;
      case What::lock: locks[op.place].lock(); break;
      case What::unlock: locks[op.place].unlock(); break;
      case What::read_lock: rw_locks[op.place].lock_shared(body); break;
      case What::read_unlock: rw_locks[op.place].unlock_shared(body); break;
      case What::write_lock: rw_locks[op.place].lock(); break;
      case What::write_unlock: rw_locks[op.place].unlock(); break;
    }
    return 0;
  }
};

std::string class_of(const World& world, const Execution& execution) {
  Classes classes;
  for (const Taken& taken : execution.points)
    if (taken.kind != Kind::drain)
      classes.add(world.place_of(taken.address), taken.body, writes(taken.kind));
  return classes.all() + (execution.deadlock ? "stuck" : "");
}

using Draw = std::mt19937_64;

void add_ops(std::vector<Op>& body, unsigned ops, Draw& draw, unsigned depth) {
  while (ops > 0) {
    const auto kind = draw() % 10;
    if (kind < 7 || ops < 2 || depth == 2) {
      const auto word = static_cast<unsigned>(draw() % kWords);
      if (kind == 6 && ops > 1) body.push_back({What::skip, 1});
      body.push_back({static_cast<What>(draw() % 3), word});
      --ops;
      continue;
    }
    constexpr std::array<What, 3> kTake{What::lock, What::read_lock, What::write_lock};
    constexpr std::array<What, 3> kGive{What::unlock, What::read_unlock, What::write_unlock};
    const auto lock = static_cast<unsigned>(draw() % kLocks);
    const unsigned inside = static_cast<unsigned>(draw() % std::min(ops, 3u));
    body.push_back({kTake[kind - 7], lock});
    add_ops(body, inside, draw, depth + 1);
    body.push_back({kGive[kind - 7], lock});
    ops -= inside + 1;
  }
}

}  // namespace

Program random_program(std::uint64_t seed, unsigned bodies, unsigned ops) {
  Draw draw(seed);
  Program program(bodies);
  for (auto& body : program) add_ops(body, ops, draw, 0);
  return program;
}

std::string said(const Program& program) {
  static constexpr std::array<const char*, 10> kSaid{
      "load",   "store",     "add",         "skip",       "lock",
      "unlock", "read_lock", "read_unlock", "write_lock", "write_unlock"};
  std::string text;
  for (const auto& body : program) {
    for (const Op& op : body)
      text += std::string(kSaid[static_cast<unsigned>(op.what)]) + std::to_string(op.place) + " ";
    text += "\n";
  }
  return text;
}

Seen every_interleaving(const Program& program) { return Enumerator(program).all(); }

Outcome explored(const Program& program, const Options& options) {
  World world;
  Bodies bodies;
  for (unsigned i = 0; i < program.size(); ++i)
    bodies.emplace_back([&world, &program, i] {
      for (std::size_t at = 0; at < program[i].size(); ++at) at += world.step(i, program[i][at]);
    });
  Outcome outcome;
  // What is unwound leaves the state of the deadlock, since nothing here has a destructor.
  outcome.totals = explore(
      options, [&] { world = {}; }, bodies,
      [&](const Execution& execution) {
        outcome.seen.classes.insert(class_of(world, execution));
        outcome.seen.states.insert(world.text(program.size(), execution.deadlock));
        return true;
      });
  return outcome;
}

}  // namespace cow::explore

// Every state that the steps of a world lead to, fewest steps first; and the first trace that shows
// each thing that may go wrong.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cow/rules.h"
#include "fingerprint.h"
#include "world.h"

namespace cow::debate {

// missed by a process's write, and by one through a reference; wrong of a writable reference, and
// of a read-only one.
enum class Wrong : std::uint8_t { missed_write, missed_device, unnecessary, wrong_rw, wrong_ro };
inline constexpr std::size_t kWrongs = 5;
using Shown = std::array<bool, kWrongs>;

// One machine and its judge, as steps go by.
template <class Machine> struct Course {
  Machine machine;
  judge::Judge<Machine> judge{Setup{}};

  explicit Course(const Rules& rules) : machine(Setup{}, rules) {}

  // What the step shows; nothing if it is refused, and so changes nothing.
  std::optional<Shown> take(const Step& step) {
    std::array<bool, 2> told{};
    for (const Ref k : {Ref{0}, Ref{1}}) told[index(k)] = was_told(k);
    judge.before(machine, step);
    const Result result = machine.run(step);
    const judge::Verdict verdict = judge.after(machine, step, result);
    if (refused(result.outcome)) return std::nullopt;
    Shown shown{};
    // A read of a missed byte is missed too; the write before it is what is looked for.
    if (step.op == Op::write) shown[0] = verdict == judge::Verdict::missed;
    if (step.op == Op::ref_write) shown[1] = verdict == judge::Verdict::missed;
    shown[2] = verdict == judge::Verdict::unnecessary;
    if (verdict != judge::Verdict::wrong) return shown;
    for (const Ref k : {Ref{0}, Ref{1}})
      if (was_told(k) && !told[index(k)])
        shown[machine.m.ref[Machine::name(k)].write ? 3 : 4] = true;
    return shown;
  }
  // A reference is taken under the lowest name that is free.
  [[nodiscard]] bool in_turn(const Step& step) const {
    return step.op != Op::pin || step.ref == Ref{0} || judge.references().find(Ref{0}) != nullptr;
  }

 private:
  [[nodiscard]] bool was_told(Ref k) const {
    const judge::Reference* r = judge.references().find(k);
    return r != nullptr && r->told;
  }
};

// A trace beside its twin: it shows what the twin's step does not show.
template <class Machine> struct Pair {
  Course<Machine> one, twin;
  explicit Pair(const Rules& rules) : one(rules), twin(rules) {}

  std::optional<Shown> take(const Step& step, const World& world) {
    std::optional<Shown> shown = one.take(step);
    if (!shown || world.twin == nullptr) return shown;
    for (const Step& other : world.twin(step))
      if (const std::optional<Shown> of_twin = twin.take(other))
        for (std::size_t i = 0; i < kWrongs; ++i) (*shown)[i] = (*shown)[i] && !(*of_twin)[i];
    return shown;
  }
  [[nodiscard]] std::string fingerprint(const World& world) const {
    const auto of = [&](const Course<Machine>& c) {
      return Fingerprint<Machine>(c.machine, c.judge, world).text();
    };
    return world.twin == nullptr ? of(one) : of(one) + of(twin);
  }
};

struct Found {
  std::array<std::vector<Step>, kWrongs> traces;  // empty: none
  std::uint64_t states = 0;                       // different ones
  int depth = 0;                                  // steps that were searched in full
};

// Goes on until everything in `wanted` is found, or `most` steps have been searched. Without
// `merge` equal states are each gone on from: the doubt about what counts as equal.
template <class Machine>
Found search(const World& world, const Rules& rules, Shown wanted, int most, bool merge = true) {
  Found found;
  std::vector<std::vector<Step>> now = {{}};
  std::unordered_set<std::string> seen;
  while (found.depth < most && wanted != Shown{}) {
    std::vector<std::vector<Step>> next;
    ++found.depth;
    for (const std::vector<Step>& before : now) {
      Pair<Machine> here(rules);
      for (const Step& step : before) here.take(step, world);
      for (const Step& step : world.steps) {
        if (!here.one.in_turn(step)) continue;
        Pair<Machine> after = here;
        const std::optional<Shown> shown = after.take(step, world);
        if (!shown) continue;
        std::vector<Step> trace = before;
        trace.push_back(step);
        for (std::size_t i = 0; i < kWrongs; ++i)
          if ((*shown)[i] && wanted[i]) wanted[i] = false, found.traces[i] = trace;
        if (found.depth == most) continue;
        if (seen.insert(after.fingerprint(world)).second || !merge)
          next.push_back(std::move(trace));
      }
    }
    now = std::move(next);
  }
  found.states = seen.size();
  return found;
}

}  // namespace cow::debate

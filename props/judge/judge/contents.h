// What no write to a private page may ever change, and what every read must see.
#pragma once

#include <string>
#include <vector>

#include "cow/outcome.h"
#include "judge/disagreement.h"
#include "judge/references.h"
#include "judge/scan.h"

namespace cow::judge {

// [ZERO-2, INT-1] The zero page holds zeros, and the page cache what was written to it.
template <class Machine>
void check_shared_contents(const Machine& machine, const spec::IdealMachine& ideal,
                           const std::vector<Seen>& seen, Disagreements& out) {
  Frame last = kNoFrame;  // neighbours often show one page
  for (const Seen& s : seen) {
    if (!s.entry.present || s.entry.frame == last) continue;
    last = s.entry.frame;
    const PageView page = machine.page(s.entry.frame);
    if (page.kind == Kind::anon || page.kind == Kind::none) continue;
    if (page.kind != Kind::zero && s.entry.share == Share::private_ && ideal.owns(s.slot)) continue;
    for (std::uint8_t cell = 0; cell < kCells; ++cell) {
      const std::uint8_t want = page.kind == Kind::zero ? 0 : ideal.read(s.slot, cell).value;
      if (page.cells[cell] == want) continue;
      out.push_back({page.kind == Kind::zero ? "ZERO-2" : "INT-1",
                     "byte " + std::to_string(cell) + ": ideal machine " + std::to_string(want) +
                         ", page " + std::to_string(page.cells[cell]),
                     s.slot, std::nullopt});
    }
  }
}

// [SWAP-6] Reclaim drops no page but what its process has given up.
inline void check_lost(const std::vector<Slot>& lost, Disagreements& out) {
  for (const Slot& s : lost)
    out.push_back({kLostPage, "reclaim dropped the page, which was not given up", s, std::nullopt});
}

// [ISO-1, INT-1] A read sees the ideal machine's byte. A `get ro` is promised nothing.
inline void check_read(const spec::IdealMachine& ideal, const References& references,
                       const Step& step, const Result& result, Disagreements& out) {
  if (refused(result.outcome) || !result.has_value) return;
  std::uint8_t want;
  if (step.op == Op::ref_read) {
    const Reference* r = references.find(step.ref);
    if (r == nullptr || !r->promised || !ideal.names(step.ref)) return;
    want = r->object[step.cell].value;
  } else {
    want = ideal.read({step.process, step.region, step.first}, step.cell).value;
  }
  if (want == result.value) return;
  Disagreement d{
      kIdealValue,
      "read: ideal machine " + std::to_string(want) + ", seen " + std::to_string(result.value),
      std::nullopt, std::nullopt};
  if (step.op == Op::ref_read) d.ref = step.ref;
  else d.slot = Slot{step.process, step.region, step.first};
  out.push_back(d);
}

}  // namespace cow::judge

// What the next steps and their verdicts can depend on, as a string: two states of one string have
// the same futures. Names of frames, areas, objects and swap slots are given anew in the order in
// which they are met, so that states that differ in these alone count as one.
//
// Left out is what no step of the worlds asks for: bytes (the judge compares frames; only KSM
// compares bytes), and bytes that leaked (a missed write was found before there are any).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "judge/judge.h"
#include "world.h"

namespace cow::debate {

template <class Machine> class Fingerprint {
 public:
  using Judge = judge::Judge<Machine>;
  Fingerprint(const Machine& machine, const Judge& judge, const World& world)
      : machine_(machine), m_(machine.m), judge_(judge), ideal_(judge.ideal()) {
    for (const Pid p : {Pid{0}, Pid{1}}) {
      add(machine.alive(p)), add(m_.mm[p].has_pinned), add(machine.pages_in(p, Region{0}));
      for (const std::uint32_t page : world.pages) add(Slot{p, Region{0}, page});
    }
    for (const Ref k : {Ref{0}, Ref{1}}) add(k);
    // Describing a frame may name a slot, and a slot a frame.
    for (std::size_t f = 0, e = 0; f < frames_.size() || e < slots_.size();)
      f < frames_.size() ? describe(frames_[f++]) : describe(slots_[e++]);
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  void add(std::uint64_t n) {
    while (n >= 255) text_ += static_cast<char>(255), n -= 255;
    text_ += static_cast<char>(n);
  }
  template <class Id> std::size_t renamed(std::vector<Id>& known, const Id& id) {
    std::size_t i = 0;
    while (i < known.size() && !(known[i] == id)) ++i;
    if (i == known.size()) known.push_back(id);
    return i;
  }
  void add_frame(Frame f) { add(renamed(frames_, f)); }

  void add(const Slot& s) {
    add(machine_.is_mapped(s));
    if (!machine_.is_mapped(s)) return;
    const auto area = m_.area.of(s);
    const auto& vma = m_.vma[area];
    add(renamed(areas_, area));
    add(vma.read), add(vma.write), add(vma.anon_vma), add(vma.inherited), add(vma.hugepage);
    const auto& pte = m_.pte[s];
    const auto& away = m_.swap_pte[s];
    const auto upper = m_.folio.upper(s);
    add(pte.present), add(away.is_swap), add(upper.huge), add(upper.table);
    if (pte.present) {
      add(pte.writable), add(pte.dirty), add(pte.young), add(pte.soft_dirty);
      add_frame(pte.frame);
    }
    if (away.is_swap) add(pte.soft_dirty), add(away.exclusive), add(renamed(slots_, away.slot));
    add(ideal_.owns(s));
    if (ideal_.owns(s)) add(renamed(objects_, ideal_.object(s)));
  }
  void add(Ref k) {
    const judge::Reference* r = judge_.references().find(k);
    add(r != nullptr);
    if (r == nullptr) return;
    const auto& row = m_.ref[Machine::name(k)];
    add(row.pin), add(row.write), add(r->promised), add(r->told);
    add_frame(row.frame);
    add(ideal_.names(k));
    if (!ideal_.names(k)) return;
    add(renamed(objects_, ideal_.object(k)));
    add(ideal_.is_attached(k));
    if (ideal_.is_attached(k)) add(index(ideal_.owner(k).process)), add(ideal_.owner(k).page);
  }
  void describe(Frame f) {
    const auto& row = m_.page[f];
    const auto& more = m_.more[f];
    const PageView page = machine_.page(f);
    add(index(page.kind)), add(row.exclusive), add(more.ksm), add(more.in_cache);
    add(m_.mapped.count(f)), add(m_.gets.count(f)), add(m_.pins.count(f)), add(page.refcount);
    if (more.in_cache) add(renamed(slots_, more.slot));
    const spec::Folio* folio = m_.folio.find(f);
    add(folio != nullptr);
    if (folio == nullptr) return;
    add_frame(folio->pages[0]);
    add(folio->huge_entries), add(m_.folio.mapcount(m_, f)), add(m_.folio.pins(m_, f));
  }
  void describe(spec::SwapId e) {
    add(m_.swapped.count(e)), add(m_.swap[e].cached);
    if (m_.swap[e].cached) add_frame(m_.swap[e].frame);
  }
  static std::uint64_t index(Kind kind) { return static_cast<std::uint64_t>(kind); }
  static std::uint64_t index(Pid p) { return cow::index(p); }

  const Machine& machine_;
  const decltype(Machine::m)& m_;
  const Judge& judge_;
  const spec::IdealMachine& ideal_;
  std::string text_;
  std::vector<Frame> frames_;
  std::vector<std::uint32_t> objects_;
  std::vector<spec::VmaId> areas_;
  std::vector<spec::SwapId> slots_;
};

}  // namespace cow::debate

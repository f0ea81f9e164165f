#include "par/state_key.h"

#include <map>

namespace cow::par {
namespace {

using spec::SpecificationOfThreads;

// Writes a state word by word. What is not in the words must not steer what comes.
class Writer {
 public:
  Writer(const SpecificationOfThreads& machine, const judge::ThreadsJudge& judge,
         const Places& places, std::vector<std::uint32_t>& out)
      : machine_(machine), m_(machine.m), judge_(judge), places_(places), out_(out) {}

  void write() {
    for (std::uint32_t p = 0; p < places_.processes; ++p) process(Pid{p});
    for (const Slot& s : places_.slots) entry(s);
    for (const auto& [b, row] : m_.block.all())
      if (row->cached) put(b.object), put(b.page), frame(row->frame);
    references();
    for (const spec::Activity& a : machine_.activities()) activity(a);
    for (std::uint32_t t = 0; t < m_.copying.size(); ++t) copy(m_.copying[spec::ThreadId{t}]);
    for (std::size_t i = 0; i < machine_.stale().size(); ++i) stale(i);
    put(m_.memory.used), put(m_.memory.fail_in);
    for (const judge::ThreadsJudge::Part& part : judge_.parts()) ideal_part(part);
    put(judge_.is_sound());
  }

 private:
  template <class T> void put(T value) { out_.push_back(static_cast<std::uint32_t>(value)); }
  void put(const Slot& s) { put(index(s.process)), put(index(s.region)), put(s.page); }

  void frame(Frame f) {
    const auto [number, is_new] = frames_.of(f);
    put(number);
    if (!is_new) return;
    const auto& page = m_.page[f];
    put(page.allocated | page.anon << 1 | page.shmem << 2 | page.cached << 3 | page.exclusive << 4);
    for (const std::uint8_t cell : page.data) put(cell);
    put(m_.mapped.count(f)), put(m_.gets.count(f)), put(m_.pins.count(f));
    put(m_.temps.count(f)), put(m_.fresh.count(f));
    const auto& more = m_.more[f];
    put(more.ksm | more.in_cache << 1);
    if (more.in_cache) swap_slot(more.slot);
  }
  // Slots are numbered as they are met; the lowest that is free is nothing that a state shows.
  void swap_slot(spec::SwapId e) {
    const auto [at, is_new] = swap_slots_.emplace(e, swap_slots_.size());
    put(at->second);
    if (!is_new) return;
    const auto& row = m_.swap[e];
    put(row.cached);
    put(m_.swapped.count(e));
    if (row.cached) return frame(row.frame);
    for (const std::uint8_t cell : row.data) put(cell);
  }
  void object(std::optional<std::uint32_t> o) {
    if (!o) return put(kNothing);
    const auto [at, is_new] = objects_.emplace(*o, objects_.size());
    put(at->second);
    if (is_new)
      for (std::uint8_t c = 0; c < kCells; ++c) put(judge_.ideal().object_byte(*o, c));
  }
  void process(Pid p) {
    put(machine_.alive(p) ? 1 : 0);
    if (!machine_.alive(p)) return;
    put(m_.mm[p].has_pinned ? 1 : 0);
    for (std::uint32_t r = 0; r < places_.regions; ++r) {
      const spec::RegionLayout* region = m_.area.find(p, Region{r});
      if (region == nullptr) continue;
      put(region->pages), put(region->object), put(region->at);
      for (const auto& run : region->areas.all()) area(run);
    }
  }
  void area(const spec::Runs<spec::VmaId>::Run& run) {
    const auto& vma = m_.vma[run.value];
    put(run.first), put(run.last), put(vmas_.emplace(run.value, vmas_.size()).first->second);
    put(vma.read | vma.write << 1 | vma.anon_vma << 2 | vma.inherited << 3 | vma.dontfork << 4 |
        vma.wipeonfork << 5 | vma.locked << 6 | vma.mergeable << 7 | vma.uffd << 8);
  }
  void entry(const Slot& s) {
    const auto& pte = m_.pte[s];
    put(pte.present | pte.writable << 1 | pte.dirty << 2 | pte.young << 3 | pte.soft_dirty << 4);
    if (pte.present) frame(pte.frame);
    const auto& swap = m_.swap_pte[s];
    put(swap.is_swap | (swap.is_swap && swap.exclusive) << 1 | m_.uffd[s].wp << 2);
    if (swap.is_swap) swap_slot(swap.slot);
    const bool own = judge_.ideal().owns(s);
    object(own ? std::optional(judge_.ideal().object(s)) : std::nullopt);
    if (!own && machine_.is_mapped(s))
      for (std::uint8_t c = 0; c < kCells; ++c) put(judge_.ideal().read(s, c).value);
  }
  void references() {
    for (const Ref k : places_.refs) {
      const auto& ref = m_.ref[machine_.name(k)];
      put(ref.live | ref.pin << 1 | ref.write << 2);
      if (!ref.live) continue;
      frame(ref.frame);
      const bool named = judge_.ideal().names(k);
      object(named ? std::optional(judge_.ideal().object(k)) : std::nullopt);
      if (named) put(judge_.ideal().owner(k));
    }
    for (const judge::Reference& r : judge_.references().live()) {
      put(index(r.name)), put(r.promised);
      for (const auto& cell : r.object) put(cell.value);
    }
    for (const auto& [slot, k] : machine_.strays()) put(slot), frame(m_.ref[k].frame);
  }
  void activity(const spec::Activity& a) {
    put(a.at), put(a.lock), put(a.outcome);
    put(a.first ? static_cast<std::uint32_t>(*a.first) : kNothing);
    put(a.present_before), put(a.faults);
    for (const Slot& s : a.entries) put(s);
    for (const spec::RefId k : a.holds) frame(m_.ref[k].frame);
  }
  void copy(const spec::Copying<spec::Concrete>& c) {
    put(c.busy | c.ready << 1 | c.unshare << 2 | c.dirty << 3 | c.young << 4 | c.soft_dirty << 5 |
        c.wp << 6);
    if (!c.busy) return;
    put(Slot{c.slot}), frame(c.old);
    if (c.ready) frame(c.fresh);
  }
  void stale(std::size_t i) {
    const spec::Stale& s = machine_.stale()[i];
    put(s.until_flush_of), put(s.slot), frame(s.frame), put(s.writable);
    put(s.cpus), put(s.cpus >> 32);
    object(judge_.stale_object(i));
  }
  void ideal_part(const judge::ThreadsJudge::Part& part) {
    object(part.object);
    put(part.early.size());
    if (part.copied)
      for (const auto& cell : *part.copied) put(cell.value);
  }

  const SpecificationOfThreads& machine_;
  const spec::State<spec::Concrete>& m_;
  const judge::ThreadsJudge& judge_;
  const Places& places_;
  std::vector<std::uint32_t>& out_;
  FrameNumbers frames_;
  std::map<std::uint32_t, std::size_t> objects_;
  std::map<spec::VmaId, std::size_t> vmas_;
  std::map<spec::SwapId, std::size_t> swap_slots_;
};

std::uint64_t mixed(std::uint64_t h) {
  h ^= h >> 32;
  h *= 0xd6e8feb86659fd93u;
  return h ^ h >> 29;
}

}  // namespace

Key key_of(const std::vector<std::uint32_t>& words) {
  Key key{0x243f6a8885a308d3u, words.size()};
  for (const std::uint32_t w : words) {
    key.high = mixed(key.high + w + 1);
    key.low = (key.low ^ w) * 0x9e3779b97f4a7c15u + (key.low >> 47);
  }
  return key;
}

std::uint64_t End::hash() const {
  std::vector<std::uint32_t> words = state;
  put_outcomes(outcomes, words);
  return key_of(words).high;
}

void put_state(const SpecificationOfThreads& machine, const judge::ThreadsJudge& judge,
               const Places& places, std::vector<std::uint32_t>& out) {
  Writer(machine, judge, places, out).write();
}

void put_outcomes(const Outcomes& outcomes, std::vector<std::uint32_t>& out) {
  for (const std::vector<Result>& column : outcomes) {
    out.push_back(static_cast<std::uint32_t>(column.size()));
    for (const Result& r : column)
      out.push_back(static_cast<std::uint32_t>(r.outcome) << 9 | (r.has_value ? 256u : 0u) |
                    r.value);
  }
}

}  // namespace cow::par

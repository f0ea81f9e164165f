#include "prove/events.h"

#include "prove/event_words.h"
#include "spec/feature_invariants.h"

namespace cow::prove {

using spec::Access;
using spec::Gup;

namespace {

Bool vma_in_order(const World& w, const VmaId& v) {
  auto&& vma = w.m.vma[v];
  return implies(vma.shared || vma.shmem, vma.file && vma.shared) &&
         implies(vma.uffd || vma.hugepage, !vma.file) && implies(value(vma.anon_vma), !vma.shared);
}

void map_page(World& w) {
  const Slot s = some_slot();
  const VmaId v = VmaId::constant("v");
  require(!w.m.area.has(s) && no_copy_at(w, s));
  w.m.area.put(s, v, Block::constant("b"));
}

// A new area with any flags: what mmap makes, and what a split makes before pages move into it.
void new_vma(World& w) {
  const VmaId v = VmaId::constant("v");
  require(for_all<Slot>([&](const Slot& s) { return !(w.m.area.has(s) && w.m.area.of(s) == v); }));
  auto&& vma = w.m.vma[v];
  const auto flag = [](const char* name) { return Bool(context().bool_const(name)); };
  vma.read = flag("read");
  vma.write = flag("write");
  vma.shared = flag("shared");
  vma.file = flag("file");
  vma.shmem = flag("shmem");
  vma.anon_vma = flag("anon_vma");
  vma.locked = flag("locked");
  vma.uffd = flag("uffd");
  vma.mergeable = flag("mergeable");
  vma.hugepage = flag("hugepage");
  vma.nohugepage = flag("nohugepage");
  require(vma_in_order(w, v));
}

void dup_vma(World& w) {
  const VmaId v = VmaId::constant("v"), child = VmaId::constant("w");
  require(
      for_all<Slot>([&](const Slot& s) { return !(w.m.area.has(s) && w.m.area.of(s) == child); }));
  spec::dup_vma(w.m, v, child);
  w.goal("FORK-4", !w.m.vma[child].locked);
}

void unmap_page(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && no_copy_at(w, s) && !maps_huge(w.m, s));
  spec::zap(w.m, s);
  w.m.area.clear(s);
  discard_page(w.i, s);
}

void dontneed_page(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && !maps_huge(w.m, s));
  spec::zap(w.m, s);
  discard_page(w.i, s);
}

// Where the first had a table the second has one, or it had one before.
void keep_table(World& w, const Slot& from, const Slot& to) {
  w.m.folio.upper(to).table = w.m.folio.upper(to).table || w.m.folio.upper(from).table;
}

// mremap: a page, with its place in a new area of the same sort; of a huge page, the upper entry.
void remap_page(World& w, bool huge) {
  const Slot s = some_slot(), to = some_slot("to");
  const VmaId v = w.m.area.of(s), area = VmaId::constant("w");
  require(w.m.area.has(s) && !w.m.area.has(to) && Symbolic::mm_of(s) == Symbolic::mm_of(to));
  require(no_copy_at(w, s) && no_copy_at(w, to));
  auto&& from = w.m.vma[v];
  auto&& other = w.m.vma[area];
  require(from.shared == other.shared && from.file == other.file && from.shmem == other.shmem &&
          from.write == other.write && from.anon_vma == other.anon_vma &&
          from.hugepage == other.hugepage && maps_huge(w.m, s) == huge);
  const Frame f = w.m.frame_at(s);
  const auto mapped = w.m.mapped.count(f);
  const Bool was_swapped = is_swap(w.m, s);
  const Bool was_present = value(w.m.pte[s].present), was_writable = value(w.m.pte[s].writable);
  w.m.area.put(to, area, w.m.area.block(s));
  if (huge) move_huge_pmd(w.m, s, to);
  keep_table(w, s, to);
  spec::move_pte(w.m, s, to);
  w.m.area.clear(s);
  move_page(w.i, s, to);
  w.goal("MOVE-1", !w.m.pte[s].present && w.m.pte[to].present == was_present);
  w.goal("MOVE-1", !is_swap(w.m, s) && is_swap(w.m, to) == was_swapped);
  w.goal("MOVE-1",
         implies(was_present, w.m.frame_at(to) == f && w.m.pte[to].writable == was_writable &&
                                  w.m.mapped.count(f) == mapped));
}

// Pages move to an area of the same mapping that has an anon_vma if theirs has.
VmaId change_area(World& w, const Slot& s) {
  VmaId v = w.m.area.of(s);
  const VmaId to = VmaId::constant("w");
  require(w.m.area.has(s) && no_copy_at(w, s));
  auto&& from = w.m.vma[v];
  auto&& other = w.m.vma[to];
  require(from.shared == other.shared && from.file == other.file && from.shmem == other.shmem);
  require(implies(value(from.anon_vma), value(other.anon_vma)));
  require(implies(value(from.uffd), value(other.uffd)));
  find_table(w, s, other.hugepage && !from.hugepage);
  w.m.area.move(s, to);
  return v;
}

void relabel_page(World& w) {
  const Slot s = some_slot();
  const VmaId from = change_area(w, s);
  require(w.m.vma[from].write == w.m.vma[w.m.area.of(s)].write);
}

void protect_page(World& w) {
  const Slot s = some_slot();
  change_area(w, s);
  if (w.m.pte[s].present) spec::change_protection(w.m, s);
}

void clear_refs_page(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && no_copy_at(w, s));
  require((w.m.pte[s].present || is_swap(w.m, s)) && is_private(w.m, s));
  spec::clear_soft_dirty(w.m, s);
}

// fork holds mmap_lock: what the child has of other pages was other pages' of the parent, and no
// two of those share.
void child_has_nothing_of(World& w, const Slot& s, const Slot& c) {
  require(Symbolic::mm_of(s) != Symbolic::mm_of(c));
  if (!w.m.rules.reuses_large_folio) return;
  const auto no_other = [&](const std::function<Bool(const Slot&)>& shares) {
    require(for_all<Slot>([&](const Slot& t) {
      return implies(Symbolic::mm_of(t) == Symbolic::mm_of(c), !shares(t));
    }));
  };
  no_other([&](const Slot& t) { return both_map(w.m, s, t); });
  no_other([&](const Slot& t) { return both_away(w.m, s, t); });
  no_other([&](const Slot& t) { return one_away(w.m, s, t); });
  no_other([&](const Slot& t) { return one_away(w.m, t, s); });
}

// The child's page c comes to be as the parent's page s is.
void fork_page(World& w, bool huge) {
  const Slot s = some_slot(), c = some_slot("c");
  const VmaId v = w.m.area.of(s), child = VmaId::constant("w");
  require(w.m.area.has(s) && !w.m.area.has(c) && no_copy_at(w, s) && no_copy_at(w, c));
  auto&& from = w.m.vma[v];
  auto&& to = w.m.vma[child];
  require(from.shared == to.shared && from.file == to.file && from.shmem == to.shmem &&
          from.write == to.write && from.anon_vma == to.anon_vma && from.hugepage == to.hugepage);
  child_has_nothing_of(w, s, c);
  current_path->settle(maps_huge(w.m, s) == huge);
  w.m.area.put(c, child, w.m.area.block(s));
  if (spec::vma_needs_copy(w.m, v) && (w.m.pte[s].present || is_swap(w.m, s))) {
    keep_table(w, s, c);
    copy_huge_pmd(w.m, s, c);
    if (!spec::copy_pte(w.m, s, c)) {
      w.m.area.clear(c);  // ERR-1: the child goes
      return;
    }
  }
  fork_page(w.i, s, c);
  settle_if_anonymous(w, c);
  const Bool same = w.m.pte[c].present && w.m.pte[c].frame == w.m.pte[s].frame;
  w.goal("FORK-5", implies(value(w.m.pte[c].present), value(w.m.vma[v].anon_vma)));
  w.goal("FORK-2",
         implies(same && !w.m.vma[v].shared, !w.m.pte[s].writable && !w.m.pte[c].writable));
  w.goal("FORK-6", implies(same, !w.m.pte[c].young));
}

// Up to 5.17 a write keeps what it swaps in, whoever looks through a reference or copies: what then
// is seen is left out here, and refuted in lacking.cpp.
void leave_out_the_swapped_leak(World& w, const Slot& s) {
  const Rules& r = w.m.rules;
  if (!r.swapin_ignores_references || !r.reuse_needs_refcount_1) return;
  const auto e = value(w.m.swap_pte[s].slot);
  const Frame f = value(w.m.swap[e].frame);
  const Bool unseen = unseen_but_by(w, s, f);
  const Bool kept = is_swap(w.m, s) && w.m.swap[e].cached && spec::reuse_swap_page(w.m, f, e);
  require(implies(kept, unseen && no_copy_at(w, s)));
}

void read_access(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s));
  if (spec::pte_allows(w.m, s, Access::read)) return spec::mark_accessed(w.m, s, Access::read);
  below_the_upper_entry(w, s);
  spec::handle_pte_fault(w.m, some_thread(), s, Access::read);
}

void write_access(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && w.m.vma[w.m.area.of(s)].write);
  if (spec::pte_allows(w.m, s, Access::write)) {
    spec::mark_accessed(w.m, s, Access::write);
    store_at(w, s);
    return;
  }
  require(!w.m.copying[some_thread()].busy);
  leave_out_the_swapped_leak(w, s);
  below_the_upper_entry(w, s);
  spec::handle_pte_fault(w.m, some_thread(), s, Access::write);
  settle_if_anonymous(w, s);
}

// FOLL_FORCE into a read-only private area. A COW step that is done in this call is followed by the
// store: mmap_lock is held, so fork and mprotect wait.
void force_write(World& w) {
  const Slot s = some_slot();
  const Rules& r = w.m.rules;
  require(w.m.area.has(s) && !w.m.vma[w.m.area.of(s)].write && !w.m.vma[w.m.area.of(s)].shared);
  // 5.7 has no protection against another thread's copy of the same page: docs/proofs.md.
  if (!r.reuse_needs_refcount_1) require(no_copy_at(w, s));
  if (spec::force_accepts(w.m, s)) return store_at(w, s);
  require(!w.m.copying[some_thread()].busy);
  leave_out_the_swapped_leak(w, s);
  below_the_upper_entry(w, s);
  const auto done = spec::handle_pte_fault(w.m, some_thread(), s, Access::write);
  settle_if_anonymous(w, s);
  if (done == Outcome::reused) store_at(w, s);
}

// mlock, one page: its fault, or it needs none.
void populate_page(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && w.m.vma[w.m.area.of(s)].read);
  const auto need = spec::populate_needs_fault(w.m, s);
  if (!need) {
    const Bool owned = w.m.vma[w.m.area.of(s)].write && is_private(w.m, s);
    w.goal("LOCK-1", w.m.pte[s].present && implies(owned, value(w.m.pte[s].writable)));
    return;
  }
  require(!w.m.copying[some_thread()].busy);
  leave_out_the_swapped_leak(w, s);
  below_the_upper_entry(w, s);
  spec::handle_pte_fault(w.m, some_thread(), s, *need);
  settle_if_anonymous(w, s);
}

void unshare_page(World& w) {
  const Slot s = some_slot();
  const bool longterm = static_cast<bool>(Bool(context().bool_const("longterm")));
  require(w.m.area.has(s) && w.m.pte[s].present && !w.m.copying[some_thread()].busy);
  require(spec::must_unshare(w.m, s, longterm));
  below_the_upper_entry(w, s);
  spec::handle_pte_fault(w.m, some_thread(), s, Access::unshare);
}

void copy_contents(World& w) {
  require(w.m.copying[some_thread()].busy && !w.m.copying[some_thread()].ready);
  const bool copied = spec::wp_copy_contents(w.m, some_thread());
  w.goal("ERR-2", copied || !w.m.copying[some_thread()].busy);
}

// The switch; a FOLL_FORCE write then stores at once, others look at the entry again.
void copy_switch(World& w) {
  require(w.m.copying[some_thread()].busy && w.m.copying[some_thread()].ready);
  const Slot s = value(w.m.copying[some_thread()].slot);
  const Bool unshared = value(w.m.copying[some_thread()].unshare);
  if (!spec::wp_copy_switch(w.m, some_thread())) return;
  settle_if_anonymous(w, s);
  w.goal("COPY-3", w.m.pte[s].dirty == !unshared);
}
void force_copy_switch(World& w) {
  const Slot s = value(w.m.copying[some_thread()].slot);
  require(w.m.copying[some_thread()].busy && w.m.copying[some_thread()].ready);
  require(!w.m.copying[some_thread()].unshare && !w.m.vma[w.m.area.of(s)].write);
  if (!w.m.rules.reuse_needs_refcount_1)
    require(for_all<Thread>([&](const Thread& t) {
      return t == some_thread() || !(w.m.copying[t].busy && w.m.copying[t].slot == s);
    }));
  if (!spec::wp_copy_switch(w.m, some_thread())) return;
  settle_if_anonymous(w, s);
  store_at(w, s);
}

void take(World& w, Gup gup) {
  const Slot s = some_slot();
  const Ref k = some_ref();
  require(!w.m.ref[k].live && w.m.area.has(s));
  if (gup.write) require(value(w.m.vma[w.m.area.of(s)].write));
  if (gup.stray) require(value(w.m.pte[s].present));
  if (gup.pin) spec::mark_has_pinned(w.m, s);
  if (!gup.stray && spec::gup_needs_fault(w.m, s, gup)) return;  // the fault is a step of its own
  spec::grab_page(w.m, k, s, gup);
  name_page(w.i, k, s);
}

// A pin that is then refused has marked its process all the same.
void refused_pin(World& w) { spec::mark_has_pinned(w.m, some_slot()); }

void release(World& w) {
  require(value(w.m.ref[some_ref()].live));
  spec::release_page(w.m, some_ref());
}

// A device writes through its pin. Where the rules let a pin and its page part ways, a pin that has
// (its verdict, wrong, was told) is left out, and one whose page is just being copied away.
void write_through_pin(World& w) {
  const Ref k = some_ref();
  const Frame f = value(w.m.ref[k].frame);
  const Slot s = owner(w.i, k);
  require(w.m.ref[k].live && !w.m.ref[k].stray && w.m.ref[k].write && w.m.ref[k].pin);
  if (!w.m.rules.tracks_exclusive) {
    const Bool shown = w.m.pte[s].present && w.m.pte[s].frame == f;
    require(implies(attached(w.i, k), shown && no_copy_at(w, s)));
  }
  require(implies(value(w.i.naming[k].on_shared), value(w.m.page[f].cached)));
  require(w.i.naming[k].on_shared || w.i.naming[k].named);
  const auto cell = Symbolic::Cell::constant("cell");
  const auto byte = Symbolic::Byte::constant("byte");
  spec::store(w.m, f, cell, byte);
  write_named(w.i, k, cell, byte);
}

// The last area that showed this shared memory is gone.
void evict_page(World& w) {
  const Block b = Block::constant("b");
  require(for_all<Slot>([&](const Slot& s) {
    return !(w.m.area.has(s) && w.m.area.block(s) == b && w.m.vma[w.m.area.of(s)].file);
  }));
  spec::evict(w.m, b);
  w.i.content[b].written = false;
}

// A process has ended, and its number may be given again.
void exit_mm(World& w) {
  const Mm mm = Mm::constant("p");
  require(
      for_all<Slot>([&](const Slot& s) { return !(Symbolic::mm_of(s) == mm && w.m.area.has(s)); }));
  w.m.mm[mm].has_pinned = false;
}

}  // namespace

std::vector<Event> events(const Rules& rules) {
  std::vector<Event> all = {
      {"map", map_page},
      {"new_vma", new_vma},
      {"dup_vma", dup_vma},
      {"unmap", unmap_page},
      {"dontneed", dontneed_page},
      {"remap", [](World& w) { remap_page(w, false); }},
      {"huge_remap", [](World& w) { remap_page(w, true); }},
      {"populate", populate_page},
      {"relabel", relabel_page},
      {"protect", protect_page},
      {"clear_refs", clear_refs_page},
      {"fork", [](World& w) { fork_page(w, false); }},
      {"huge_fork", [](World& w) { fork_page(w, true); }},
      {"read", read_access},
      {"write", write_access},
      {"force_write", force_write},
      {"copy_contents", copy_contents},
      {"copy_switch", copy_switch},
      {"force_copy_switch", force_copy_switch},
      {"pin_refused", refused_pin},
      {"unpin", release},
      {"evict", evict_page},
      {"exit", exit_mm},
  };
  for (const auto& more : {feature_events(), huge_events(rules)})
    all.insert(all.end(), more.begin(), more.end());
  const auto gup = [&](const char* name, Gup g) {
    all.push_back({name, [g](World& w) { take(w, g); }});
  };
  gup("get_ro", {.write = false, .pin = false, .longterm = false, .fast = false, .stray = false});
  gup("get_rw", {.write = true, .pin = false, .longterm = false, .fast = false, .stray = false});
  gup("pin_ro", {.write = false, .pin = true, .longterm = false, .fast = false, .stray = false});
  gup("pin_ro_long",
      {.write = false, .pin = true, .longterm = true, .fast = false, .stray = false});
  gup("pin_rw", {.write = true, .pin = true, .longterm = false, .fast = false, .stray = false});
  gup("sys_ref", {.write = false, .pin = false, .longterm = false, .fast = false, .stray = true});
  if (rules.unshares_before_ro_pin) all.push_back({"unshare", unshare_page});
  if (rules.reuse_needs_refcount_1) all.push_back({"write_through_pin", write_through_pin});
  return all;
}

}  // namespace cow::prove

#include "prove/events.h"

namespace cow::prove {

using spec::Access;
using spec::Gup;

namespace {

void require(const Bool& b) { current_path->assume(b); }

Slot some_slot(const char* name = "s") { return Slot::constant(name); }
const Thread& some_thread() {
  static thread_local const Thread t = Thread::constant("t");
  return t;
}
Ref some_ref() { return Ref::constant("k"); }

template <class Key> Bool for_all(const std::function<Bool(Key)>& body) {
  const Key x = Key::constant("each");
  return Bool(z3::forall(x.e, body(x).e));
}

// mmap_lock: what takes it for writing waits until no fault of that page is under way.
Bool no_copy_at(const World& w, const Slot& s) {
  return for_all<Thread>(
      [&](const Thread& t) { return !(w.m.copying[t].busy && w.m.copying[t].slot == s); });
}

Bool vma_in_order(const World& w, const VmaId& v) {
  auto&& vma = w.m.vma[v];
  return implies(vma.shared || vma.shmem, vma.file && vma.shared) &&
         implies(value(vma.anon_vma), !vma.shared);
}

// The ideal page becomes an object where the specification has made it an anonymous page; from a
// file, with the bytes that the kernel has copied.
void settle_if_anonymous(World& w, const Slot& s) {
  if (w.i.place[s].own || !w.m.pte[s].present) return;
  const Frame f = w.m.frame_at(s);
  if (w.m.page[f].anon) become_object(w.i, s, value(w.m.page[f].data));
}

// ISO-1 at the moment of the store: no entry and no reference of another object shows the frame.
void nobody_else_sees(World& w, const Slot& s, const Frame& f) {
  if (w.m.vma[w.m.area.of(s)].shared) return;
  const Slot t = Slot::constant("another");
  const Ref k = Ref::constant("any");
  const Bool shown = t != s && w.m.pte[t].present && w.m.pte[t].frame == f;
  w.goal("ISO-1", !shown, {t.e});
  if (!w.m.rules.reuse_needs_refcount_1) return;  // 5.7 does not have this: see lacking
  const Bool seen = w.m.ref[k].live && !w.m.ref[k].stray && w.m.ref[k].frame == f;
  const Bool own = attached(w.i, k) && w.i.naming[k].slot == s;
  w.goal("ISO-1", implies(seen, own), {k.e});
}

void store_at(World& w, const Slot& s) {
  nobody_else_sees(w, s, w.m.frame_at(s));
  const auto cell = Symbolic::Cell::constant("cell");
  const auto byte = Symbolic::Byte::constant("byte");
  spec::store(w.m, w.m.frame_at(s), cell, byte);
  write_page(w.i, s, cell, byte);
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
  require(vma_in_order(w, v));
}

void dup_vma(World& w) {
  const VmaId v = VmaId::constant("v"), child = VmaId::constant("w");
  require(
      for_all<Slot>([&](const Slot& s) { return !(w.m.area.has(s) && w.m.area.of(s) == child); }));
  spec::dup_vma(w.m, v, child);
}

void unmap_page(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && no_copy_at(w, s));
  spec::zap(w.m, s);
  w.m.area.clear(s);
  discard_page(w.i, s);
}

void dontneed_page(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s));
  spec::zap(w.m, s);
  discard_page(w.i, s);
}

// Pages move to an area of the same mapping that has an anon_vma if theirs has.
VmaId move_page(World& w, const Slot& s) {
  VmaId v = w.m.area.of(s);
  const VmaId to = VmaId::constant("w");
  require(w.m.area.has(s) && no_copy_at(w, s));
  auto&& from = w.m.vma[v];
  auto&& other = w.m.vma[to];
  require(from.shared == other.shared && from.file == other.file && from.shmem == other.shmem);
  require(implies(value(from.anon_vma), value(other.anon_vma)));
  w.m.area.move(s, to);
  return v;
}

void relabel_page(World& w) {
  const Slot s = some_slot();
  const VmaId from = move_page(w, s);
  require(w.m.vma[from].write == w.m.vma[w.m.area.of(s)].write);
}

void protect_page(World& w) {
  const Slot s = some_slot();
  move_page(w, s);
  if (w.m.pte[s].present) spec::change_protection(w.m, s);
}

void clear_refs_page(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && no_copy_at(w, s));
  require(w.m.pte[s].present && !w.m.vma[w.m.area.of(s)].shared);
  spec::clear_soft_dirty(w.m, s);
}

// The child's page c comes to be as the parent's page s is.
void fork_page(World& w) {
  const Slot s = some_slot(), c = some_slot("c");
  const VmaId v = w.m.area.of(s), child = VmaId::constant("w");
  require(w.m.area.has(s) && !w.m.area.has(c) && no_copy_at(w, s) && no_copy_at(w, c));
  auto&& from = w.m.vma[v];
  auto&& to = w.m.vma[child];
  require(from.shared == to.shared && from.file == to.file && from.shmem == to.shmem &&
          from.write == to.write && from.anon_vma == to.anon_vma);
  w.m.area.put(c, child, w.m.area.block(s));
  if (spec::vma_needs_copy(w.m, v) && w.m.pte[s].present) {
    if (!spec::copy_present_pte(w.m, s, c)) {
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

void read_access(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s));
  if (spec::pte_allows(w.m, s, Access::read)) spec::mark_accessed(w.m, s, Access::read);
  else spec::handle_pte_fault(w.m, some_thread(), s, Access::read);
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
  const auto done = spec::handle_pte_fault(w.m, some_thread(), s, Access::write);
  settle_if_anonymous(w, s);
  if (done == Outcome::reused) store_at(w, s);
}

void unshare_page(World& w) {
  const Slot s = some_slot();
  const bool longterm = static_cast<bool>(Bool(context().bool_const("longterm")));
  require(w.m.area.has(s) && w.m.pte[s].present && !w.m.copying[some_thread()].busy);
  require(spec::must_unshare(w.m, s, longterm));
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
  const Slot s = value(w.i.naming[k].slot);
  require(w.m.ref[k].live && !w.m.ref[k].stray && w.m.ref[k].write && w.m.ref[k].pin);
  if (!w.m.rules.tracks_exclusive) {
    require(implies(attached(w.i, k), w.m.pte[s].frame == f && no_copy_at(w, s)));
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
      {"relabel", relabel_page},
      {"protect", protect_page},
      {"clear_refs", clear_refs_page},
      {"fork", static_cast<void (*)(World&)>(fork_page)},
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

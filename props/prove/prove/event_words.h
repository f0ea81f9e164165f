// The words in which the steps of the proof are written.
#pragma once

#include <functional>

#include "prove/world.h"

namespace cow::prove {

inline void require(const Bool& b) { current_path->assume(b); }

inline Slot some_slot(const char* name = "s") { return Slot::constant(name); }
inline const Thread& some_thread() {
  static thread_local const Thread t = Thread::constant("t");
  return t;
}
inline Ref some_ref() { return Ref::constant("k"); }

template <class Key> Bool for_all(const std::function<Bool(Key)>& body) {
  const Key x = Key::constant("each");
  return Bool(z3::forall(x.e, body(x).e));
}

// mmap_lock: what takes it for writing waits until no fault of that page is under way.
inline Bool no_copy_at(const World& w, const Slot& s) {
  return for_all<Thread>(
      [&](const Thread& t) { return !(w.m.copying[t].busy && w.m.copying[t].slot == s); });
}

// The ideal page becomes an object where the specification has made it an anonymous page; from a
// file, with the bytes that the kernel has copied.
inline void settle_if_anonymous(World& w, const Slot& s) {
  if (w.i.place[s].own || !w.m.pte[s].present) return;
  const Frame f = w.m.frame_at(s);
  if (w.m.page[f].anon) become_object(w.i, s, value(w.m.page[f].data));
}

// A fault of a small entry: what it comes to above the tables is a step of its own.
inline void below_the_upper_entry(World& w, const Slot& s) {
  current_path->settle(!maps_huge(w.m, s));
  current_path->settle(!wants_huge(w.m, s));
}

// Where the memory becomes hugepage, a table is where an entry is, of this page or one beside it.
inline void find_table(World& w, const Slot& s, const Bool& becomes) {
  auto&& upper = w.m.folio.upper(s);
  const Bool entry = w.m.pte[s].present || is_swap(w.m, s);
  const Bool beside(context().bool_const("beside"));
  upper.table = either(becomes, !upper.huge && (entry || beside), value(upper.table));
}

// Every reference that sees the frame is of the page s itself.
inline Bool unseen_but_by(const World& w, const Slot& s, const Frame& f) {
  return for_all<Ref>([&](const Ref& k) {
    const Bool seen = w.m.ref[k].live && !w.m.ref[k].stray && w.m.ref[k].frame == f;
    return implies(seen, attached(w.i, k) && owner(w.i, k) == s);
  });
}

// ISO-1 at the moment of the store: no entry and no reference of another object shows the frame.
inline void nobody_else_sees(World& w, const Slot& s, const Frame& f) {
  if (w.m.vma[w.m.area.of(s)].shared) return;
  const Slot t = Slot::constant("another");
  const Ref k = Ref::constant("any");
  const Bool shown = t != s && w.m.pte[t].present && w.m.pte[t].frame == f;
  w.goal("ISO-1", !shown, {t.e});
  if (!w.m.rules.reuse_needs_refcount_1) return;  // 5.7 does not have this: see lacking
  const Bool seen = w.m.ref[k].live && !w.m.ref[k].stray && w.m.ref[k].frame == f;
  const Bool own = attached(w.i, k) && owner(w.i, k) == s;
  w.goal("ISO-1", implies(seen, own), {k.e});
}

inline void store_at(World& w, const Slot& s) {
  nobody_else_sees(w, s, w.m.frame_at(s));
  const auto cell = Symbolic::Cell::constant("cell");
  const auto byte = Symbolic::Byte::constant("byte");
  spec::store(w.m, w.m.frame_at(s), cell, byte);
  write_page(w.i, s, cell, byte);
}

}  // namespace cow::prove

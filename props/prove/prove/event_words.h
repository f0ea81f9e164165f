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

}  // namespace cow::prove

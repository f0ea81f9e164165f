// The ideal machine: what a program may see of fork and write, and nothing else.
//
// There are no page tables here, no counts and no faults. A private page shows zeros, or its file
// as the file is now, until something is written to it; from then on it is an object of its own.
// Fork gives the child an object of its own for every object of the parent, with the same bytes, at
// once. A reference names the object of the page it was taken on, and keeps naming it.
//
// Written over a logic, like the specification: these very lines run, and are what it is proved to
// refine. shared(s), file(s), block(s) and disk(b) of the scene say what is mapped where.
#pragma once

#include "spec/state.h"

namespace cow::spec {

template <class L> struct Place {  // a private page of a process
  Flag<L> own;
  Is<L, typename L::Object> object;  // where own
};

template <class L> struct Object {
  Is<L, typename L::Data> data;
  Is<L, typename L::Slot> slot;  // whose page it is, or was last
};

template <class L> struct Content {  // a page of a file or of shared memory
  Flag<L> written;
  Is<L, typename L::Data> data;  // where written, else what the disk holds
};

template <class L> struct Naming {  // a reference
  Flag<L> named;                    // taken on a private page that was an object
  Is<L, typename L::Object> object;
  Flag<L> on_shared;  // taken on a shared mapping
  Is<L, typename L::Block> block;
};

template <class L> struct Ideal : L {
  typename L::Scene scene;
  typename L::template Table<typename L::Slot, Place<L>> place{"place"};
  typename L::template Table<typename L::Object, Object<L>> object{"object"};
  typename L::template Table<typename L::Block, Content<L>> content{"content"};
  typename L::template Table<typename L::Ref, Naming<L>> naming{"naming"};
  typename L::Objects objects;  // gives objects that nobody has
};

auto content_of(const auto& i, const auto& b) {
  return i.choose(i.content[b].written, i.content[b].data, i.scene.disk(b));
}

// What a program reads at s (IDEAL-1).
auto shows(const auto& i, const auto& s) {
  const auto behind = i.choose(i.scene.file(s), content_of(i, i.scene.block(s)), i.zeros());
  return i.choose(i.place[s].own, i.object[i.place[s].object].data, behind);
}

void become_object(auto& i, const auto& s, const auto& data) {
  const auto o = i.objects.fresh(i);
  i.object[o].data = data;
  i.object[o].slot = s;
  i.place[s].own = yes;
  i.place[s].object = o;
}

// A private page may stop following its file before it is written, at a moment the kernel chooses.
void settle(auto& i, const auto& s) { become_object(i, s, shows(i, s)); }

void write_content(auto& i, const auto& b, const auto& cell, const auto& byte) {
  i.content[b].data = i.put(content_of(i, b), cell, byte);
  i.content[b].written = yes;
}

void write_page(auto& i, const auto& s, const auto& cell, const auto& byte) {
  if (i.scene.shared(s)) return write_content(i, i.scene.block(s), cell, byte);
  if (!i.place[s].own) settle(i, s);
  auto&& object = i.object[i.place[s].object];
  object.data = i.put(object.data, cell, byte);
}

void fork_page(auto& i, const auto& parent, const auto& child) {
  if (i.place[parent].own) become_object(i, child, value(i.object[i.place[parent].object].data));
}

// Unmap, dontneed and exit: the page's object, if it has one, is no longer the page's.
void discard_page(auto& i, const auto& s) { i.place[s].own = no; }

void name_page(auto& i, const auto& k, const auto& s) {
  auto&& naming = i.naming[k];
  naming.named = i.place[s].own && !i.scene.shared(s);
  naming.object = i.place[s].object;
  naming.on_shared = i.scene.shared(s);
  naming.block = i.scene.block(s);
}

// The page of the object that the reference names.
auto owner(const auto& i, const auto& k) { return value(i.object[i.naming[k].object].slot); }

// Does the reference still name what its owner's page is?
auto attached(const auto& i, const auto& k) {
  auto&& naming = i.naming[k];
  auto&& place = i.place[owner(i, k)];
  return naming.named && place.own && place.object == naming.object;
}

void write_named(auto& i, const auto& k, const auto& cell, const auto& byte) {
  auto&& naming = i.naming[k];
  if (naming.on_shared) return write_content(i, naming.block, cell, byte);
  if (!naming.named) return;  // nobody is promised anything
  auto&& object = i.object[i.naming[k].object];
  object.data = i.put(object.data, cell, byte);
}

}  // namespace cow::spec

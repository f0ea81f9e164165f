// The logic in which the specification is proved.
#pragma once

#include <optional>

#include "prove/columns.h"
#include "prove/one_page.h"

namespace cow::prove {

struct Symbolic {
  using Bool = prove::Bool;
  using Slot = Term<SlotTag>;
  using Frame = Term<FrameTag>;
  using VmaId = Term<VmaTag>;
  using Ref = Term<RefTag>;
  using Thread = Term<ThreadTag>;
  using Mm = Term<MmTag>;
  using Block = Term<BlockTag>;
  using Object = Term<ObjectTag>;
  using Data = Term<DataTag>;
  using Cell = Term<CellTag>;
  using Byte = Term<ByteTag>;
  using RssKey = Term<RssTag>;
  using Swap = Term<SwapTag>;
  template <class T> using Field = prove::Field<T>;
  template <class Key, class Row> using Table = prove::Table<Key, Row>;
  template <class Member, class Owner> using Count = prove::Count<Member, Owner>;

  static thread_local spec::Mutant mutant;  // Mutant::none but in the proof's own doubt
  static bool mutated(spec::Mutant x) { return mutant == x; }

  static Frame zero_page() { return Frame::constant("zero_page"); }
  static Data zeros() { return Data::constant("zeros"); }
  static Int one_if(const Bool& b) { return either(b, Int(1), Int(0)); }
  static Mm mm_of(const Slot& s);
  static RssKey rss_key_of(const Slot& s, const Bool& anon, const Bool& shmem);
  static RssKey swap_key_of(const Slot& s);
  static Data put(const Data& data, const Cell& cell, const Byte& byte);
  template <class T> static T choose(const Bool& which, const T& a, const T& b) {
    return either(which, a, b);
  }
  static Data choose(const Bool& which, const Data& a, const Data& b) {
    return either(which, a, b);
  }

  // Which area a page belongs to, and what it shows: columns like any other.
  struct Layout {
    Column mapped{"area.mapped", {Slot::sort()}, context().bool_sort()};
    Column vma{"area.vma", {Slot::sort()}, VmaId::sort()};
    Column shown{"area.block", {Slot::sort()}, Block::sort()};
    Bool has(const Slot& s) const { return Bool(mapped.at({s.e})); }
    VmaId of(const Slot& s) const { return VmaId(vma.at({s.e})); }
    Block block(const Slot& s) const { return Block(shown.at({s.e})); }
    Bool past_end(const Slot& s) const;
    static Data disk(const Block& b);
    void put(const Slot& s, const VmaId& v, const Block& b) {
      mapped.set({s.e}, context().bool_val(true));
      vma.set({s.e}, v.e);
      shown.set({s.e}, b.e);
    }
    void move(const Slot& s, const VmaId& v) { vma.set({s.e}, v.e); }
    void clear(const Slot& s) { mapped.set({s.e}, context().bool_val(false)); }
    void reset() {
      for (Column* c : {&mapped, &vma, &shown}) c->reset();
    }
  };

  // An allocation fails, or gives any page that is not in use: both ways are taken.
  struct Memory {
    std::optional<Frame> alloc(auto& m) {
      const std::string name = current_path->fresh_name("page");
      if (Bool(context().bool_const((name + ".fails").c_str()))) return std::nullopt;
      const Frame f = Frame::constant(name);
      current_path->assume(!m.page[f].allocated);
      m.page[f].allocated = true;
      m.folio.folio[f].large = false;
      return f;
    }
    void free_if(auto& m, const Frame& f, const Bool& unused) {
      m.page[f].allocated = m.page[f].allocated && !unused;
    }
  };

  // Gives a slot that no entry names and no page stands for.
  struct SwapDevice {
    Swap fresh(const auto& m) const {
      Swap e = Swap::constant(current_path->fresh_name("swap"));
      current_path->assume(m.swapped.count(e) == 0 && !m.swap[e].cached);
      return e;
    }
  };

  using Folios = prove::Folios;
  // The ideal machine looks at the same mappings.
  struct Scene {
    const spec::State<Symbolic>* state = nullptr;
    Bool shared(const Slot& s) const;
    Bool file(const Slot& s) const;
    Block block(const Slot& s) const;
    Data disk(const Block& b) const { return Layout::disk(b); }
  };
  // Gives an object that no page owns and no reference names.
  struct Objects {
    Object fresh(const auto& i) {
      Object o = Object::constant(current_path->fresh_name("object"));
      const Slot s = Slot::constant("any_slot");
      const Ref k = Ref::constant("any_ref");
      const Bool unowned = !(i.place[s].own && i.place[s].object == o);
      const Bool unnamed = !(i.naming[k].named && i.naming[k].object == o);
      current_path->assume(Bool(z3::forall(s.e, unowned.e)));
      current_path->assume(Bool(z3::forall(k.e, unnamed.e)));
      return o;
    }
  };
};

// The names are for Z3 to look at: of two members at least, two are not one.
Bool Folios::maps_alone(const auto& m, const Slot& s, const Frame& f) {
  for (const int i : {0, 1}) {
    const Slot member = Slot::constant(current_path->fresh_name("member"));
    current_path->assume(member == m.mapped.member(f, Int(i)));
  }
  const Slot t = Slot::constant("any_slot");
  const Bool maps = m.pte[t].present && m.pte[t].frame == f;
  const Bool own = implies(maps, Symbolic::mm_of(t) == Symbolic::mm_of(s));
  const Bool others(function("folio.alone_besides", {Frame::sort()}, context().bool_sort())(f.e));
  return Bool(z3::forall(t.e, own.e)) && others;
}

}  // namespace cow::prove

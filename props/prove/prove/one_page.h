// What the proof knows of large folios and of the upper entries that map them.
#pragma once

#include <optional>
#include <vector>

#include "prove/columns.h"

namespace cow::prove {

// A huge page, seen from any one of its pages: what happens to all of them happens to this one. Of
// the folio's other pages there is one number, of the references to them: any number that is not
// below zero, new whenever they may have changed.
class Folios {
  using Slot = Term<SlotTag>;
  using Frame = Term<FrameTag>;

 public:
  Table<Slot, UpperRow> upper_entry{"upper"};
  Table<Frame, FolioRow> folio{"folio"};

  UpperRow upper(const Slot& s) const { return upper_entry[s]; }
  Bool is_large(const Frame& f) const { return value(folio[f].large); }
  Int besides(const auto&, const Frame& f) const { return value(folio[f].others); }
  Bool no_debt(const auto&, const Frame& f) const { return folio[f].others >= Int(0); }
  void others_change(const Frame& f) {
    const Int n(context().int_const(current_path->fresh_name("others").c_str()));
    current_path->assume(n >= Int(0));
    folio[f].others = n;
  }
  void enter(const Frame&) {}   // all of its entries are one reference, which this page has
  void leave(const Frame& f) {  // a table of small entries, which go one by one where all go
    const Int before = besides(*this, f);
    others_change(f);
    current_path->assume(folio[f].others >= before);
  }
  void hand_over(const Frame& f, const Frame& to) {
    folio[to].others = value(folio[f].others);
    folio[f].others = Int(0);
  }

  // The page itself, where others are, too.
  struct OnePage {
    std::optional<Frame> page;
    bool empty() const { return !page; }
  };
  OnePage alloc(auto&, auto page) {
    OnePage one{page()};
    if (one.page) folio[*one.page].large = true;
    return one;
  }
  static Frame page_of(const OnePage& one, const Slot&) { return *one.page; }
  static Slot start(const Slot& s) { return s; }
  static bool starts(const Slot&) { return true; }
  static void for_huge(const Slot& s, auto f) { f(s); }
  static Bool fits(const auto&, const Slot&) { return Bool(context().bool_const("fits")); }

  // What is asked of a folio, and implies something for this page.
  Int mapcount(const auto& m, const Frame& f) const {
    const Int n(function("folio.mapped_besides", {Frame::sort()}, context().int_sort())(f.e));
    current_path->assume(n >= Int(0) && besides(m, f) >= n);
    return m.mapped.count(f) + n;
  }
  static Bool none_mapped_twice(const auto& m, const Frame& f) {
    const Bool others(function("folio.once_besides", {Frame::sort()}, context().bool_sort())(f.e));
    return Int(1) >= m.mapped.count(f) && others;
  }
  static Bool maps_alone(const auto& m, const Slot& s, const Frame& f);
  // What hardware has noted in any entry, in this one at least; nothing is dirty of the zero page.
  struct Marks {
    Bool dirty, young, soft_dirty;
  };
  Marks marks(const auto& m, const Slot& s) const {
    const auto also = [](const char* name, const Bool& own) {
      return own || Bool(context().bool_const(current_path->fresh_name(name).c_str()));
    };
    auto&& pte = m.pte[s];
    Marks marks{also("dirty", pte.dirty), also("young", pte.young),
                also("soft_dirty", pte.soft_dirty)};
    current_path->assume(implies(marks.dirty, pte.dirty || m.page[pte.frame].anon));
    return marks;
  }
  // Its upper entries were split by steps of their own.
  static std::vector<Slot> huge_entries(const auto&, const Frame&) { return {}; }
  std::vector<Frame> dissolve(auto&, const Frame& f) {
    folio[f].large = false;
    folio[f].others = Int(0);
    return {f};
  }
  void reset() { upper_entry.reset(), folio.reset(); }
};

}  // namespace cow::prove

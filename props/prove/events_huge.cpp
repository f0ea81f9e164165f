// Steps of huge pages, seen from any one of its pages: the text runs for this page, and of the
// folio's others is known what Folios says (prove/symbolic.h). A small entry's fault, where one
// follows, is a step of its own.
#include "prove/event_words.h"
#include "prove/events.h"

namespace cow::prove {

using spec::Access;

namespace {

std::optional<Outcome> huge_fault(World& w, const Slot& s, Access access) {
  require(w.m.area.has(s) && !w.m.copying[some_thread()].busy);
  require(maps_huge(w.m, s) || wants_huge(w.m, s));
  const auto done = handle_huge_fault(w.m, s, access);
  settle_if_anonymous(w, s);
  return done;
}

// Where mappings alone are asked for, a huge page is kept whoever looks through a reference: what
// then is seen is left out here, and refuted in lacking.cpp.
void leave_out_the_huge_leak(World& w, const Slot& s) {
  const Rules& r = w.m.rules;
  if (!r.huge_reuse_asks_mapcount || !r.reuse_needs_refcount_1) return;
  const Frame f = w.m.frame_at(s);
  const Bool kept = maps_huge(w.m, s) && !is_zero_page(w.m, f) && huge_can_reuse(w.m, f);
  require(implies(kept, unseen_but_by(w, s, f)));
}

void huge_read(World& w) {
  const Slot s = some_slot();
  require(!spec::pte_allows(w.m, s, Access::read));
  huge_fault(w, s, Access::read);
}

// Any huge page that a write meets, whoever looks through a reference.
void huge_reuse(World& w) {
  const Slot s = some_slot();
  require(w.m.vma[w.m.area.of(s)].write && !spec::pte_allows(w.m, s, Access::write));
  huge_fault(w, s, Access::write);
}
void huge_write(World& w) {
  leave_out_the_huge_leak(w, some_slot());
  huge_reuse(w);
}

void huge_force_write(World& w) {
  const Slot s = some_slot();
  auto&& vma = w.m.vma[w.m.area.of(s)];
  require(!vma.write && !vma.shared && !spec::force_accepts(w.m, s));
  leave_out_the_huge_leak(w, s);
  if (huge_fault(w, s, Access::write) == Outcome::reused) store_at(w, s);
}

void huge_unshare(World& w) {
  const Slot s = some_slot();
  const bool longterm = static_cast<bool>(Bool(context().bool_const("longterm")));
  require(w.m.pte[s].present && spec::must_unshare(w.m, s, longterm));
  huge_fault(w, s, Access::unshare);
}

// Before a part of it is changed, or its folio.
void huge_split(World& w) {
  const Slot s = some_slot();
  require(maps_huge(w.m, s));
  split_huge_pmd(w.m, s);
}

// The entry of all goes, and this page's with it.
void huge_zap(World& w, bool unmaps) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && maps_huge(w.m, s));
  drop_huge_entry(w.m, s);
  spec::zap(w.m, s);
  discard_page(w.i, s);
  if (!unmaps) return;
  require(no_copy_at(w, s));
  w.m.area.clear(s);
}

// One upper entry stands for 512 pages: a fault of another has made a table of it, or its tables
// are looked for, or are gone, because the memory of another changes.
void table_made(World& w) {
  const Slot s = some_slot();
  require(!maps_huge(w.m, s));
  w.m.folio.upper(s).table = true;
}
void tables_found(World& w) {
  const Slot s = some_slot();
  require(no_copy_at(w, s));
  find_table(w, s, true);
}

// Others have come to refer to, or no longer refer to, other pages of the folio.
void folio_others(World& w) {
  const Frame f = Frame::constant("f");
  require(w.m.page[f].allocated && is_large(w.m, f));
  w.m.folio.others_change(f);
  spec::put_page(w.m, f);
}

// After every huge entry of it.
void folio_split(World& w) {
  const Frame f = Frame::constant("f");
  require(w.m.page[f].allocated && is_large(w.m, f) && can_be_small(w.m, f));
  require(for_all<Slot>([&](const Slot& s) {
    return !(w.m.pte[s].present && w.m.pte[s].frame == f && maps_huge(w.m, s));
  }));
  split_folio(w.m, f);
}

}  // namespace

std::vector<Event> left_out_of_huge_pages(const Rules& rules) {
  if (!rules.huge_reuse_asks_mapcount) return {};
  return {{"huge_reuse", huge_reuse}};
}

std::vector<Event> huge_events(const Rules& rules) {
  std::vector<Event> all = {
      {"huge_read", huge_read},
      {"huge_write", huge_write},
      {"huge_force_write", huge_force_write},
      {"huge_split", huge_split},
      {"huge_unmap", [](World& w) { huge_zap(w, true); }},
      {"huge_dontneed", [](World& w) { huge_zap(w, false); }},
      {"table_made", table_made},
      {"tables_found", tables_found},
      {"folio_others", folio_others},
      {"folio_split", folio_split},
  };
  if (rules.unshares_before_ro_pin) all.push_back({"huge_unshare", huge_unshare});
  return all;
}

}  // namespace cow::prove

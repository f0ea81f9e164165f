// Steps of swap, KSM, migration and userfaultfd write protection.
#include "prove/event_words.h"
#include "prove/events.h"
#include "spec/lazyfree.h"

namespace cow::prove {

using spec::Access;

namespace {

// Reclaim takes one entry of the page, the first or a later one. Where a write that swaps in does
// not ask for references, a copy of that page may find its old entry again: docs/proofs.md.
void swap_out(World& w) {
  const Slot s = some_slot();
  const Frame f = w.m.frame_at(s);
  require(w.m.pte[s].present && w.m.page[f].anon && !w.m.vma[w.m.area.of(s)].locked);
  require(!is_large(w.m, f));  // it was split
  if (!w.m.rules.reuse_needs_refcount_1) require(no_copy_at(w, s));
  require(!spec::reclaim_spares(w.m, f));
  spec::add_to_swap(w.m, f);
  spec::try_to_unmap_one(w.m, s);
}

void write_to_swap(World& w) {
  const Frame f = Frame::constant("f");
  require(in_swap_cache(w.m, f));
  spec::remove_mapping(w.m, f);
}

// The first of two equal pages becomes stable, then the second's entry maps it.
void ksm_stable(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && spec::ksm_candidate(w.m, s) && spec::ksm_may_take(w.m, s));
  require(!is_large(w.m, w.m.frame_at(s)));
  spec::set_page_stable(w.m, s);
}
void ksm_merge(World& w) {
  const Slot s = some_slot(), t = some_slot("stays");
  require(w.m.area.has(s) && spec::ksm_candidate(w.m, s) && spec::ksm_candidate(w.m, t));
  const Frame f = w.m.frame_at(t), own = w.m.frame_at(s);
  require(is_ksm(w.m, f) && !is_ksm(w.m, own) && spec::ksm_may_take(w.m, s));
  require(!is_large(w.m, own));
  require(w.m.page[f].data == w.m.page[own].data);
  spec::replace_page(w.m, s, f);
  w.goal("KSM-2", w.m.frame_at(s) == f && !w.m.pte[s].writable);
}
// MADV_UNMERGEABLE: whether or not the area may be written.
void ksm_break(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && w.m.pte[s].present && is_ksm(w.m, w.m.frame_at(s)));
  require(is_private(w.m, s) && !w.m.copying[some_thread()].busy);
  below_the_upper_entry(w, s);
  const Access access = w.m.rules.unmerge_unshares ? Access::unshare : Access::write;
  spec::handle_pte_fault(w.m, some_thread(), s, access);
  settle_if_anonymous(w, s);
}

// A page with all its entries, as one step: each entry of it is changed as the text changes one.
void move_page_and_entries(World& w, const Frame& from, const Frame& to) {
  const Slot any = some_slot("any");
  spec::migrate_page(w.m, from, to);
  const Bool maps = w.m.pte[any].present && w.m.pte[any].frame == from;
  w.m.pte.change_all(any, maps, [&] { spec::migrate_entry(w.m, any, to); });
  w.m.mapped.rename(from, to);
}
void migrate(World& w) {
  const Slot s = some_slot();
  const Frame from = w.m.frame_at(s);
  require(w.m.pte[s].present && !is_zero_page(w.m, from) && spec::may_migrate(w.m, from));
  require(!is_large(w.m, from));
  const auto to = spec::alloc_anon_page(w.m);
  if (!to) return;
  move_page_and_entries(w, from, *to);
  spec::put_page(w.m, from);
  w.goal("MIG-2", w.m.frame_at(s) == *to && !w.m.page[from].allocated);
}
// … of a large folio, whose upper entries map the new one then.
void migrate_folio(World& w) {
  const Slot s = some_slot();
  const Frame from = w.m.frame_at(s);
  require(w.m.pte[s].present && is_large(w.m, from) && only_mapped(w.m, from));
  const auto pages = alloc_folio(w.m);
  if (pages.empty()) return;
  const Frame to = w.m.folio.page_of(pages, s);
  move_page_and_entries(w, from, to);
  w.m.folio.hand_over(from, to);
  spec::put_page(w.m, from);
  w.goal("MIG-2", w.m.frame_at(s) == to && !w.m.page[from].allocated);
}

// The whole region was registered before. Faults run beside. Where references are not asked for,
// another thread may keep the page that a copy is made of, and the entry look as before when that
// ends: docs/proofs.md.
void change_uffd(World& w, bool on) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && w.m.vma[w.m.area.of(s)].uffd);
  if (!w.m.rules.reuse_needs_refcount_1) require(no_copy_at(w, s));
  require(w.m.pte[s].present || is_swap(w.m, s));
  if (on) spec::uffd_protect(w.m, s);
  else spec::uffd_lift(w.m, s);
}

// MADV_FREE, one entry: what was swapped out shows zeros.
void give_up(World& w) {
  const Slot s = some_slot();
  auto&& vma = w.m.vma[w.m.area.of(s)];
  require(w.m.area.has(s) && !vma.shared && !vma.file && !vma.locked);
  require(w.m.pte[s].present || is_swap(w.m, s));
  const Bool swapped = is_swap(w.m, s);
  spec::madvise_free_pte(w.m, s);
  if (swapped) spec::discard_page(w.i, s);
}
// Reclaim of one entry of a page that was given up. That its own process did so is not proved: the
// clause that says so is broken in every rule set (SWAP-6).
void drop_given_up(World& w) {
  const Slot s = some_slot();
  const Frame f = w.m.frame_at(s);
  require(w.m.pte[s].present && w.m.page[f].anon && w.m.more[f].lazy && !is_large(w.m, f));
  require(!spec::written_since(w.m, s) && !spec::stays_for_holders(w.m, f));
  spec::zap(w.m, s);
  spec::discard_page(w.i, s);
}

// A write that swaps in, whoever looks through a reference.
void swap_in(World& w) {
  const Slot s = some_slot();
  require(w.m.area.has(s) && w.m.vma[w.m.area.of(s)].write && is_swap(w.m, s));
  require(!w.m.copying[some_thread()].busy);
  below_the_upper_entry(w, s);
  spec::handle_pte_fault(w.m, some_thread(), s, Access::write);
}

}  // namespace

std::vector<Event> left_out(const Rules& rules) {
  std::vector<Event> all = left_out_of_huge_pages(rules);
  if (rules.swapin_ignores_references && rules.reuse_needs_refcount_1)
    all.push_back({"swap_in", swap_in});
  return all;
}

std::vector<Event> feature_events() {
  return {
      {"swap_out", swap_out},
      {"write_to_swap", write_to_swap},
      {"give_up", give_up},
      {"drop_given_up", drop_given_up},
      {"ksm_stable", ksm_stable},
      {"ksm_merge", ksm_merge},
      {"ksm_break", ksm_break},
      {"migrate", migrate},
      {"migrate_folio", migrate_folio},
      {"uffd_protect", [](World& w) { change_uffd(w, true); }},
      {"uffd_lift", [](World& w) { change_uffd(w, false); }},
  };
}

}  // namespace cow::prove

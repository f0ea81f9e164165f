#include "prove/small_world.h"

#include <fmt/core.h>

namespace cow::prove {

namespace {

// How many of each sort, besides pages (Slot). Two processes that share a page, a pin, a copy in
// the making all fit.
const std::map<std::string, int> kSizes = {
    {"Frame", 4},  {"Vma", 3},  {"Ref", 1},  {"Thread", 1}, {"Mm", 2},   {"Block", 1},
    {"Object", 3}, {"Swap", 2}, {"Data", 3}, {"Cell", 1},   {"Byte", 1}, {"RssKey", 8}};
constexpr int kMostMembers = 2;

bool is_int(const z3::sort& s) { return s.sort_kind() == Z3_INT_SORT; }

}  // namespace

SmallWorld::SmallWorld(int pages) : solver_(context(), "QF_UFLIA") {
  z3::params p(context());
  p.set("rlimit", 500000000u);  // in Z3's own steps, not in seconds
  solver_.set(p);
  auto sizes = kSizes;
  sizes["Slot"] = pages;
  for (const auto& [name, size] : sizes) {
    const z3::sort sort = context().uninterpreted_sort(name.c_str());
    auto& all = domains_[name];
    z3::expr_vector distinct(context());
    for (int n = 0; n < size; ++n) {
      const std::string constant = fmt::format("{}#{}", name, n);
      all.push_back(name == "Frame" && n == 0 ? Symbolic::zero_page().e
                                              : context().constant(constant.c_str(), sort));
      distinct.push_back(all.back());
    }
    if (size > 1) solver_.add(z3::distinct(distinct));
  }
}

std::vector<z3::expr> SmallWorld::domain(const z3::sort& sort) const {
  if (is_int(sort)) {
    std::vector<z3::expr> numbers;
    for (int n = 0; n <= kMostMembers; ++n) numbers.push_back(context().int_val(n));
    return numbers;
  }
  return domains_.at(sort.name().str());
}

z3::expr SmallWorld::ground(const z3::expr& e) const {
  if (e.is_quantifier()) {
    const unsigned n = Z3_get_quantifier_num_bound(context(), e);
    std::vector<std::vector<z3::expr>> choices;
    for (unsigned v = 0; v < n; ++v)
      choices.push_back(domain(z3::sort(context(), Z3_get_quantifier_bound_sort(context(), e, v))));
    z3::expr_vector all(context());
    std::vector<std::size_t> at(n, 0);
    for (bool more = true; more;) {
      z3::expr_vector values(context());
      for (unsigned v = n; v-- > 0;) values.push_back(choices[v][at[v]]);
      all.push_back(ground(e.body().substitute(values)));
      more = false;
      for (unsigned v = 0; v < n && !more; ++v) {
        more = ++at[v] < choices[v].size();
        if (!more) at[v] = 0;
      }
    }
    return z3::mk_and(all);
  }
  if (!e.is_app() || e.num_args() == 0) return e;
  z3::expr_vector arguments(context());
  for (unsigned a = 0; a < e.num_args(); ++a) arguments.push_back(ground(e.arg(a)));
  return e.decl()(arguments);
}

void SmallWorld::confine(const z3::expr& e) {
  if (!e.is_app() || !confined_.insert(e.id()).second) return;
  for (unsigned a = 0; a < e.num_args(); ++a) confine(e.arg(a));
  if (e.decl().decl_kind() != Z3_OP_UNINTERPRETED) return;
  const bool uninterpreted = e.get_sort().sort_kind() == Z3_UNINTERPRETED_SORT;
  const bool count = is_int(e.get_sort()) && e.num_args() > 0;
  if (!uninterpreted && !count) return;
  z3::expr_vector options(context());
  for (const z3::expr& value : domain(e.get_sort())) options.push_back(e == value);
  solver_.add(z3::mk_or(options));
}

void SmallWorld::add(const z3::expr& formula) {
  const z3::expr g = ground(formula);
  confine(g);
  solver_.add(g);
}

void SmallWorld::push() {
  confined_.clear();  // what is confined inside is forgotten at pop
  solver_.push();
}

z3::check_result SmallWorld::check() { return solver_.check(); }

std::string SmallWorld::state(const World& before) const {
  const z3::model model = solver_.get_model();
  const auto holds = [&](const Bool& b) { return model.eval(b.e, true).is_true(); };
  const auto equal = [&](const z3::expr& a, const z3::expr& b) {
    return model.eval(a == b, true).is_true();
  };
  std::string text;
  const auto& frames = domains_.at("Frame");
  const auto number = [&](const z3::expr& frame) {
    for (std::size_t n = 0; n < frames.size(); ++n)
      if (equal(frame, frames[n])) return n;
    return frames.size();
  };
  for (std::size_t n = 0; n < frames.size(); ++n) {
    const Frame f(frames[n]);
    auto&& page = before.m.page[f];
    if (!holds(page.allocated)) continue;
    const char* kind = n == 0              ? "zero"
                       : holds(page.anon)  ? "anon"
                       : holds(page.shmem) ? "shmem"
                                           : "file";
    text += fmt::format("frame {} {}", n, kind);
    const auto count = [&](const Int& i) { return model.eval(i.e, true).get_numeral_int(); };
    if (n > 0)
      text += fmt::format(" refcount {} mapcount {} pins {}{}", count(refcount(before.m, f)),
                          count(before.m.mapped.count(f)), count(before.m.pins.count(f)),
                          holds(page.exclusive) ? " exclusive" : "");
    if (holds(is_large(before.m, f)))
      text += fmt::format("  # of a large folio, {} references to others",
                          count(before.m.folio.besides(before.m, f)));
    text += "\n";
  }
  const auto& slots = domains_.at("Slot");
  const auto& mms = domains_.at("Mm");
  for (std::size_t n = 0; n < slots.size(); ++n) {
    const Slot s(slots[n]);
    auto&& pte = before.m.pte[s];
    const int process = equal(Symbolic::mm_of(s).e, mms[0]) ? 0 : 1;
    if (holds(is_swap(before.m, s))) {
      auto&& slot = before.m.swap[before.m.swap_pte[s].slot];
      const bool cached = holds(slot.cached);
      text += fmt::format(
          "# P{} a[{}] is swapped out{}\n", process, n,
          cached ? fmt::format(", frame {} in the swap cache", number(slot.frame.e)) : "");
    }
    if (!holds(pte.present)) continue;
    text += fmt::format("P{} a[{}] frame {} {}{} {}{}\n", process, n, number(pte.frame.e),
                        holds(pte.writable) ? "rw" : "ro", holds(pte.dirty) ? " dirty" : "",
                        holds(before.m.vma[before.m.area.of(s)].shared) ? "shared" : "private",
                        holds(maps_huge(before.m, s)) ? "  # in a huge page" : "");
  }
  for (const z3::expr& k : domains_.at("Ref")) {
    auto&& ref = before.m.ref[Ref(k)];
    if (!holds(ref.live)) continue;
    for (std::size_t n = 0; n < slots.size(); ++n) {
      if (!equal(owner(before.i, Ref(k)).e, slots[n])) continue;
      const int process = equal(Symbolic::mm_of(Slot(slots[n])).e, mms[0]) ? 0 : 1;
      text += fmt::format("k frame {} {} {} of P{} a[{}]{}\n", number(ref.frame.e),
                          holds(ref.write) ? "rw" : "ro", holds(ref.pin) ? "pin" : "get", process,
                          n, holds(ref.stray) ? "  # a stray reference" : "");
    }
  }
  return text;
}

}  // namespace cow::prove

#include "state/pages.h"

#include <algorithm>
#include <string>

namespace cow::state {

using trace::PageKind;
using trace::Shows;

namespace {

std::string name(const char* what, std::uint32_t number) {
  return std::string(what) + "!" + std::to_string(number);
}

bool has_pins(const Reference& r) { return r.said->foll_pin.value_or(false); }

}  // namespace

bool is_settled(const z3::expr& e) { return e.is_true() || e.is_false(); }

Pages::Pages(z3::context& c, const trace::State& state) : c_(c), state_(state) {
  // All numbers first, so that a page is found by halving.
  for (const auto& f : state.frames) place_of_.emplace_back(f.number, 0);
  for (const auto& e : state.entries)
    if (e.shows != Shows::swap) place_of_.emplace_back(e.number, 0);
  for (const auto& r : state.references) place_of_.emplace_back(r.frame, 0);
  std::sort(place_of_.begin(), place_of_.end());
  place_of_.erase(std::unique(place_of_.begin(), place_of_.end()), place_of_.end());
  pages_.resize(place_of_.size());
  for (std::size_t i = 0; i < place_of_.size(); ++i) {
    place_of_[i].second = i;
    pages_[i].number = place_of_[i].first;
  }

  for (const auto& f : state.frames) page(f.number, f.at.line).said = &f;
  for (const auto& e : state.entries) {
    if (e.shows == Shows::swap) continue;
    Page& p = page(e.number, e.at.line);
    if (e.shows == Shows::migration) {
      p.migrating = true;
      continue;
    }
    const std::uint32_t line = e.at.line;
    p.entries.push_back(
        {&e, e.prot ? c_.bool_val(*e.prot == Prot::rw) : either_way("writable", line),
         e.share ? c_.bool_val(*e.share == Share::private_) : either_way("private", line),
         flag("dirty", line, e.dirty, state.complete)});
  }
  for (const auto& r : state.references)
    page(r.frame, r.at.line)
        .references.push_back(
            {&r, r.foll_pin ? c_.bool_val(*r.foll_pin) : either_way("pin", r.at.line),
             r.prot ? c_.bool_val(*r.prot == Prot::rw) : either_way("writable", r.at.line)});
  for (const Page& p : pages_)
    if (!p.said || !p.said->kind) {
      const z3::expr kind = c_.int_const(name("kind", p.number).c_str());
      p.facts.push_back(kind >= static_cast<int>(PageKind::anon) &&
                        kind <= static_cast<int>(PageKind::ksm));
    }
}

Page& Pages::page(std::uint32_t number, std::uint32_t line) {
  const auto at = std::lower_bound(place_of_.begin(), place_of_.end(),
                                   std::pair<std::uint32_t, std::size_t>{number, 0});
  Page& p = pages_[at->second];
  if (p.line == 0) p.line = line;
  return p;
}

z3::expr Pages::either_way(const char* what, std::uint32_t line) {
  return c_.bool_const(name(what, line).c_str());
}

z3::expr Pages::flag(const char* what, std::uint32_t line, bool said, bool said_no) {
  return said || said_no ? c_.bool_val(said) : either_way(what, line);
}

z3::expr Pages::is(const Page& p, PageKind kind) const {
  if (p.said && p.said->kind) return c_.bool_val(*p.said->kind == kind);
  return c_.int_const(name("kind", p.number).c_str()) == static_cast<int>(kind);
}

z3::expr Pages::in_cache(const Page& p) const {
  return is(p, PageKind::file) || is(p, PageKind::shmem);
}

z3::expr Pages::exclusive(const Page& p) const {
  if (p.said && (p.said->exclusive || state_.complete)) return c_.bool_val(p.said->exclusive);
  return c_.bool_const(name("exclusive", p.number).c_str());
}

z3::expr Pages::at_least(const char* what, const Page& p, std::size_t listed) {
  z3::expr least = c_.int_val(static_cast<std::uint64_t>(listed));
  if (state_.complete) return least;
  z3::expr count = c_.int_const(name(what, p.number).c_str());
  p.facts.push_back(count >= least);
  return count;
}

z3::expr Pages::mapcount(const Page& p) {
  if (p.said && p.said->mapcount) return c_.int_val(*p.said->mapcount);
  return at_least("mapcount", p, p.entries.size());
}

z3::expr Pages::refcount(const Page& p) {
  if (p.said && p.said->refcount) return c_.int_val(*p.said->refcount);
  z3::expr count = c_.int_const(name("refcount", p.number).c_str());
  p.facts.push_back(count >= 0);
  return count;
}

z3::expr Pages::pins(const Page& p) {
  if (p.said && p.said->pins) return c_.int_val(*p.said->pins);
  return at_least(
      "pins", p,
      static_cast<std::size_t>(std::count_if(p.references.begin(), p.references.end(), has_pins)));
}

z3::expr Pages::unlisted(const char* what, const Page& p, bool may_be) {
  if (!may_be) return c_.int_val(0);
  z3::expr more = c_.int_const(name(what, p.number).c_str());
  p.facts.push_back(more >= 0);
  return more;
}

}  // namespace cow::state

// Each clause is that of spec/invariants.h, said of what a snapshot shows. Its names are the
// registry's.
#include "state/clauses.h"

namespace cow::state {

using trace::PageKind;
using Instances = std::vector<Instance>;

namespace {

std::string frame(const Page& p) { return "frame " + std::to_string(p.number); }
std::string place(const Entry& e) { return trace::print(e.said->place); }
std::string number(const z3::expr& e) { return e.is_numeral() ? e.to_string() : "some"; }

z3::expr if_then(const z3::expr& a, const z3::expr& b) { return z3::implies(a, b).simplify(); }

// Of every entry: where the condition holds, so does the rest; else it does `what` to the page.
using OfEntry = z3::expr (*)(Pages&, const Page&, const Entry&);
void each_entry(Pages& pages, const Page& p, Instances& out, OfEntry when, OfEntry then,
                const char* does) {
  for (const Entry& e : p.entries)
    out.push_back({&p, if_then(when(pages, p, e), then(pages, p, e)), e.said->at.line,
                   [&p, &e, does] { return place(e) + " " + does + " " + frame(p); }});
}

z3::expr writes(Pages&, const Page&, const Entry& e) { return e.writable; }
z3::expr writes_privately(Pages&, const Page&, const Entry& e) {
  return e.writable && e.is_private;
}

std::string who_is_not_alone(const Page& p, const Entry& e, const z3::expr& mapcount) {
  const Entry* other = nullptr;
  for (const Entry& o : p.entries) {
    if (&o == &e) continue;
    if (!other || (o.writable.is_true() && !other->writable.is_true())) other = &o;
  }
  if (!other) return place(e) + " writes " + frame(p) + ", whose mapcount is " + number(mapcount);
  if (other->writable.is_true()) {
    const bool e_first = e.said->at.line < other->said->at.line;
    return place(e_first ? e : *other) + " and " + place(e_first ? *other : e) + " both write " +
           frame(p);
  }
  return place(e) + " writes " + frame(p) + ", which " + place(*other) + " maps too";
}

// No two writable private entries map one page: a writable private entry is alone.
void alone(Pages& pages, const Page& p, Instances& out) {
  if (p.entries.empty()) return;
  const z3::expr mapcount = pages.mapcount(p);
  const z3::expr is_alone =
      p.entries.size() == 1 ? (mapcount <= 1).simplify() : mapcount.ctx().bool_val(false);
  for (const Entry& e : p.entries)
    out.push_back({&p, if_then(e.writable && e.is_private, is_alone), e.said->at.line,
                   [&p, &e, mapcount] { return who_is_not_alone(p, e, mapcount); }});
}

void zero_is_not_written(Pages& pages, const Page& p, Instances& out) {
  each_entry(
      pages, p, out, writes,
      [](Pages& all, const Page& q, const Entry&) { return !all.is(q, PageKind::zero); },
      "writes the zero page,");
}

// Only private memory without an object shows the zero page.
void zero_is_private(Pages& pages, const Page& p, Instances& out) {
  each_entry(
      pages, p, out,
      [](Pages& all, const Page& q, const Entry&) { return all.is(q, PageKind::zero); },
      [](Pages&, const Page&, const Entry& e) { return e.is_private; },
      "maps, in a shared mapping, the zero page,");
}

void cache_is_not_written(Pages& pages, const Page& p, Instances& out) {
  each_entry(
      pages, p, out, writes_privately,
      [](Pages& all, const Page& q, const Entry&) { return !all.in_cache(q); },
      "writes, in a private mapping, the page cache's");
}

void ksm_is_not_written(Pages& pages, const Page& p, Instances& out) {
  each_entry(
      pages, p, out, writes_privately,
      [](Pages& all, const Page& q, const Entry&) { return !all.is(q, PageKind::ksm); },
      "writes the KSM page");
}

void shared_maps_no_anon(Pages& pages, const Page& p, Instances& out) {
  each_entry(
      pages, p, out, [](Pages&, const Page&, const Entry& e) { return !e.is_private; },
      [](Pages& all, const Page& q, const Entry&) {
        return !all.is(q, PageKind::anon) && !all.is(q, PageKind::ksm);
      },
      "maps, in a shared mapping, the anonymous");
}

void dirty_is_own(Pages& pages, const Page& p, Instances& out) {
  each_entry(
      pages, p, out, [](Pages&, const Page&, const Entry& e) { return e.is_private && e.dirty; },
      [](Pages& all, const Page& q, const Entry&) {
        return !all.in_cache(q) && !all.is(q, PageKind::zero);
      },
      "is private and dirty, and maps no copy of its own but");
}

// Whoever names a page names one that is allocated.
void not_freed(Pages& pages, const Page& p, Instances& out) {
  const bool not_there = pages.complete() && !p.said;
  const z3::expr count = pages.refcount(p);
  const z3::expr held = not_there ? count.ctx().bool_val(false)
                                  : (pages.is(p, PageKind::zero) || count > 0).simplify();
  const auto freed = [&p](std::string who) {
    return [&p, who = std::move(who)] {
      return who + " names " + frame(p) + ", which is " + (p.said ? "free" : "not there");
    };
  };
  for (const Entry& e : p.entries) out.push_back({&p, held, e.said->at.line, freed(place(e))});
  for (const Reference& r : p.references)
    out.push_back({&p, held, r.said->at.line, freed(r.said->name)});
}

// A count that is said, and what is listed: below it is wrong, above it is unlisted.
z3::expr agrees(Pages& pages, const Page& p, const char* what, const z3::expr& said,
                const z3::expr& listed) {
  const z3::expr above = (said > listed).simplify();
  const bool may_be = !above.is_false() && (!pages.complete() || p.migrating);
  const z3::expr more = pages.unlisted(what, p, may_be);
  return (pages.is(p, PageKind::zero) ||
          said == listed + z3::ite(above, more, more.ctx().int_val(0)))
      .simplify();
}

std::string says(const Page& p, const char* count, std::uint64_t said, const std::string& seen) {
  return frame(p) + " says " + count + " " + std::to_string(said) + ", and " + seen;
}

void counts_mappings(Pages& pages, const Page& p, Instances& out) {
  if (pages.complete() && !(p.said && p.said->mapcount)) return;  // nothing to compare
  const z3::expr mapcount = pages.mapcount(p);
  const z3::expr listed = mapcount.ctx().int_val(static_cast<std::uint64_t>(p.entries.size()));
  out.push_back({&p, agrees(pages, p, "unlisted entries", mapcount, listed), p.line, [&p] {
                   std::string who;
                   for (const Entry& e : p.entries)
                     if (who.size() < 60) who += (who.empty() ? "" : ", ") + place(e);
                   return says(p, "mapcount", p.said->mapcount.value_or(0),
                               std::to_string(p.entries.size()) + " entries map it" +
                                   (who.empty() ? "" : ": " + who));
                 }});
}

z3::expr one_if(const z3::expr& b) { return z3::ite(b, b.ctx().int_val(1), b.ctx().int_val(0)); }

void counts_references(Pages& pages, const Page& p, Instances& out) {
  z3::context& c = pages.is(p, PageKind::zero).ctx();
  z3::expr listed_pins = c.int_val(0), listed_gets = c.int_val(0);
  for (const Reference& r : p.references) {
    listed_pins = listed_pins + one_if(r.pin);
    listed_gets = listed_gets + one_if(!r.pin);
  }
  listed_pins = listed_pins.simplify();
  const auto pins_said = [&p] {
    return says(p, "pins", p.said->pins.value_or(0),
                std::to_string(p.references.size()) + " references are listed on it");
  };
  if (p.said && p.said->pins)
    out.push_back(
        {&p, agrees(pages, p, "unlisted pins", pages.pins(p), listed_pins), p.line, pins_said});
  if (pages.complete() && !(p.said && p.said->refcount)) return;
  const z3::expr mappings = p.said && p.said->mapcount
                                ? c.int_val(*p.said->mapcount)
                                : c.int_val(static_cast<std::uint64_t>(p.entries.size()));
  const z3::expr pins = p.said && p.said->pins ? c.int_val(*p.said->pins) : listed_pins;
  const z3::expr cache = one_if(pages.in_cache(p) && mappings > 0);
  const z3::expr held = (mappings + cache + c.int_val(p.said && p.said->swapcache ? 1 : 0) +
                         listed_gets + 1024 * pins)
                            .simplify();
  out.push_back(
      {&p, agrees(pages, p, "unlisted references", pages.refcount(p), held), p.line, [&p, held] {
         return says(p, "refcount", p.said->refcount.value_or(0),
                     "mappings, cache, gets and 1024 for each pin make " + number(held));
       }});
}

// An exclusive page is anonymous, and one entry at most maps it.
void exclusive_means_it(Pages& pages, const Page& p, Instances& out) {
  const z3::expr exclusive = pages.exclusive(p);
  if (exclusive.is_false()) return;
  const z3::expr anon = pages.is(p, PageKind::anon);
  out.push_back({&p, if_then(exclusive, anon), p.line,
                 [&p] { return frame(p) + " is exclusive, and not anonymous"; }});
  const z3::expr mapcount = pages.mapcount(p);
  const z3::expr listed_once = mapcount.ctx().bool_val(p.entries.size() <= 1);
  out.push_back({&p, if_then(exclusive, listed_once && mapcount <= 1), p.line, [&p, mapcount] {
                   if (p.entries.size() > 1)
                     return place(p.entries[0]) + " and " + place(p.entries[1]) + " both map " +
                            frame(p) + ", which is exclusive";
                   return frame(p) + " is exclusive, and its mapcount is " + number(mapcount);
                 }});
}

// For every entry and reference on one page, where the reference is of another place.
void each_stranger(const Page& p, Instances& out, const char* does,
                   const std::function<z3::expr(const Entry&, const Reference&)>& forbidden) {
  for (const Reference& r : p.references) {
    if (!r.said->of) continue;
    for (const Entry& e : p.entries) {
      if (*r.said->of == e.said->place) continue;
      out.push_back({&p, (!forbidden(e, r)).simplify(), e.said->at.line, [&p, &e, &r, does] {
                       return place(e) + " " + does + " " + frame(p) + ", which " + r.said->name +
                              " of " + trace::print(*r.said->of) + " shows";
                     }});
    }
  }
}

// Nobody else's reference sees the page that a process may write without a further fault.
void writes_are_private(Pages& pages, const Page& p, Instances& out) {
  if (p.references.empty()) return;
  const z3::expr exclusive = pages.exclusive(p);
  const z3::expr anon = pages.is(p, PageKind::anon);
  each_stranger(p, out, "may write", [&](const Entry& e, const Reference&) {
    return anon && e.is_private && (e.writable || exclusive);
  });
}

// A writable pin's anonymous page is mapped by its owner only.
void pinned_is_not_shared(Pages& pages, const Page& p, Instances& out) {
  if (p.references.empty()) return;
  const z3::expr anon = pages.is(p, PageKind::anon);
  each_stranger(p, out, "maps",
                [&](const Entry&, const Reference& r) { return anon && r.pin && r.writable; });
}

}  // namespace

const std::vector<Clause>& all_clauses() {
  static const std::vector<Clause> all = {
      {"ISO-1", writes_are_private},   {"ALONE-1", alone},
      {"FREED-1", not_freed},          {"CNT-1", counts_mappings},
      {"CNT-2", counts_references},    {"ZERO-1", zero_is_private},
      {"ZERO-2", zero_is_not_written}, {"FILE-1", cache_is_not_written},
      {"REUSE-2", ksm_is_not_written}, {"SHM-1", shared_maps_no_anon},
      {"COPY-3", dirty_is_own},        {"PIN-1", pinned_is_not_shared},
      {"PIN-3", exclusive_means_it},
  };
  return all;
}

}  // namespace cow::state

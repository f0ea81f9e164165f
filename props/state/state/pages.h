// A snapshot by page, as formulas: what is said is a number, what is not is free.
#pragma once

#include <z3++.h>

#include <cstdint>
#include <vector>

#include "trace/cowstate.h"

namespace cow::state {

struct Entry {
  const trace::StateEntry* said;
  z3::expr writable, is_private, dirty;
};

struct Reference {
  const trace::StateReference* said;
  z3::expr pin, writable;
};

// A frame, listed or only named, and everything that names it.
struct Page {
  std::uint32_t number = 0;
  const trace::StateFrame* said = nullptr;  // none: only named
  std::vector<Entry> entries;               // that map it; swap and migration entries do not
  std::vector<Reference> references;
  bool migrating = false;  // a migration entry names it, so that a migrator holds it too
  std::uint32_t line = 0;  // where it is first spoken of
  mutable std::vector<z3::expr> facts{};  // what holds of the free things that were asked for
};

class Pages {
 public:
  Pages(z3::context& c, const trace::State& state);

  const std::vector<Page>& all() const { return pages_; }
  bool complete() const { return state_.complete; }

  z3::expr is(const Page& p, trace::PageKind kind) const;
  z3::expr in_cache(const Page& p) const;  // a page of the page cache
  z3::expr exclusive(const Page& p) const;
  z3::expr mapcount(const Page& p);
  z3::expr refcount(const Page& p);
  z3::expr pins(const Page& p);
  // How many more there are of something than are listed; none in a complete state.
  z3::expr unlisted(const char* what, const Page& p, bool may_be);

 private:
  z3::expr either_way(const char* what, std::uint32_t line);
  z3::expr at_least(const char* what, const Page& p, std::size_t listed);
  z3::expr flag(const char* what, std::uint32_t line, bool said, bool said_no);
  Page& page(std::uint32_t number, std::uint32_t line);

  z3::context& c_;
  const trace::State& state_;
  std::vector<Page> pages_;
  std::vector<std::pair<std::uint32_t, std::size_t>> place_of_;  // sorted: number, place in pages_
};

// Whether a formula has no free part: it is then true or false as it stands.
bool is_settled(const z3::expr& e);

}  // namespace cow::state

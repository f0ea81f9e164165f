#include "witnesses.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "laws/replay.h"
#include "laws/witness.h"
#include "logic/show.h"

namespace cow::debate {

bool is_of(const World& world, const Step& step) {
  const auto plain = [](Step s) {
    s.value = s.cell = 0;
    s.ref = {};
    return s;
  };
  return std::any_of(world.steps.begin(), world.steps.end(),
                     [&](const Step& s) { return plain(s) == plain(step); });
}

std::vector<Witness> read_witnesses(const std::string& folder, const std::string& link) {
  auto read = laws::read_corpus(folder);
  if (const auto* error = std::get_if<trace::Error>(&read)) {
    std::fprintf(stderr, "%s\n", trace::format(*error).c_str());
    std::exit(2);
  }
  std::vector<Witness> all;
  for (trace::Trace& t : std::get<std::vector<trace::Trace>>(read)) {
    const bool has_par = std::any_of(t.items.begin(), t.items.end(), [](const trace::Item& item) {
      return std::holds_alternative<trace::Par>(item);
    });
    const auto test = laws::case_of(t);
    if (has_par || !test || test->setup != Setup{}) continue;
    std::string to = link + t.name + ".cow";
    all.push_back({std::move(to), std::move(t), test->steps});
  }
  return all;
}

const Witness* find_witness(const std::vector<Witness>& all, const World& world, const Rules& rules,
                            Wrong wrong, std::size_t at) {
  for (const Witness& w : all)
    if (shows_at<spec::Specification>(w, world, rules, wrong) == at) return &w;
  return nullptr;
}

}  // namespace cow::debate

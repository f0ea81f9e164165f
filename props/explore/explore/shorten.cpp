#include "explore/shorten.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace cow::explore {

namespace {

constexpr std::uint64_t kSearched = 10'000;

// Points that one body takes without another in between.
struct Stretch {
  std::uint32_t body;
  std::size_t points;
};
using Stretches = std::vector<Stretch>;

Stretches stretches(const Schedule& schedule) {
  Stretches all;
  for (const std::uint32_t body : schedule) {
    if (all.empty() || all.back().body != body) all.push_back({body, 0});
    ++all.back().points;
  }
  return all;
}

Schedule written_out(const Stretches& all) {
  Schedule schedule;
  for (const Stretch& one : all) schedule.insert(schedule.end(), one.points, one.body);
  return schedule;
}

std::optional<std::size_t> next_of_same(const Stretches& all, std::size_t at) {
  for (std::size_t i = at + 1; i < all.size(); ++i)
    if (all[i].body == all[at].body) return i;
  return std::nullopt;
}

class Shortening {
 public:
  Shortening(const SetUp& set_up, const Bodies& bodies, const Fails& fails)
      : set_up_(set_up), bodies_(bodies), fails_(fails) {}

  bool try_out(Schedule schedule) {
    Execution execution = replay(schedule, set_up_, bodies_);
    if (!fails_(execution)) return false;
    if (best_ && cost(schedule, execution) >= cost(best_->schedule, best_->execution)) return false;
    best_ = Shortened{std::move(schedule), std::move(execution)};
    return true;
  }

  void search_fewer_preemptions() {
    if (best_->execution.preemptions == 0) return;
    std::optional<Schedule> found;
    explore({.way = Options::Way::bounded,
             .preemptions = best_->execution.preemptions - 1,
             .executions = kSearched},
            set_up_, bodies_, [&](const Execution& execution) {
              if (fails_(execution)) found = execution.schedule;
              return !found;
            });
    if (found) try_out(*found);
  }

  // One change of the stretches that helps, if there is one.
  bool join_stretches() {
    const Stretches all = stretches(best_->execution.schedule);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (const auto other = next_of_same(all, i)) {
        if (try_out(written_out(moved(all, *other, i + 1)))) return true;
        if (try_out(written_out(moved(all, i, *other - 1)))) return true;
      }
      Stretches without = all;
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
      if (try_out(written_out(without))) return true;
    }
    return false;
  }

  bool cut_off() {
    const Schedule whole = best_->execution.schedule;
    for (std::size_t points = 0; points < best_->schedule.size(); ++points)
      if (try_out({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(points)}))
        return true;
    return false;
  }

  // The same switches, but one of them earlier.
  bool switch_earlier() {
    const Stretches all = stretches(best_->schedule);
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t points = 1; points < all[i].points; ++points) {
        Stretches earlier = all;
        earlier[i].points = points;
        if (try_out(written_out(earlier))) return true;
      }
    return false;
  }

  std::optional<Shortened> best() && { return std::move(best_); }

 private:
  static std::tuple<unsigned, std::size_t, const Schedule&> cost(const Schedule& schedule,
                                                                 const Execution& execution) {
    return {execution.switches, schedule.size(), schedule};
  }

  static Stretches moved(Stretches all, std::size_t from, std::size_t to) {
    const Stretch one = all[from];
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(from));
    all.insert(all.begin() + static_cast<std::ptrdiff_t>(to), one);
    return all;
  }

  const SetUp& set_up_;
  const Bodies& bodies_;
  const Fails& fails_;
  std::optional<Shortened> best_;
};

}  // namespace

Shortened shorten(const Schedule& failing, const SetUp& set_up, const Bodies& bodies,
                  const Fails& fails) {
  Shortening shortening(set_up, bodies, fails);
  if (!shortening.try_out(failing)) return {failing, replay(failing, set_up, bodies)};
  shortening.search_fewer_preemptions();
  while (shortening.join_stretches() || shortening.cut_off() || shortening.switch_earlier()) {
  }
  return *std::move(shortening).best();
}

}  // namespace cow::explore

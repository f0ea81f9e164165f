#include "explore/running.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cow::explore {

Running::Running(std::span<const Body> bodies, Way& way, std::uint32_t points)
    : points_(points), bodies_(bodies), way_(way), fibers_(Fibers::of_this_thread()) {
  if (bodies.empty() || bodies.size() > kBodies)
    throw std::invalid_argument("an exploration has 1 to 8 bodies");
  if (here != nullptr) throw std::logic_error("an exploration inside of another");
  course_.bodies = static_cast<unsigned>(bodies.size());
  course_.taken = std::make_unique_for_overwrite<Taken[]>(points);
  course_.releases.reserve(64);
  fibers_.reserve(course_.bodies, work);
}

void Running::begin() {
  course_.count = 0;
  course_.releases.clear();
  course_.alive = static_cast<Mask>((1u << course_.bodies) - 1);
  until_ = 0;
  phase_ = Phase::starting;
  waiting_ = 0;
  course_.stuck = 0;
  endless_ = false;
  switches_ = preemptions_ = 0;
}

void Running::run() {
  begin();
  here = this;
  me_ = 0;
  fibers_.jump(Fibers::kMain, 0);
  while (course_.alive != 0) {  // given up: one after the other is unwound
    me_ = lowest(course_.alive);
    fibers_.jump(Fibers::kMain, me_);
  }
  here = nullptr;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

// What a fiber does: its body, and then it lets others go.
void Running::work() {
  Running& run = *here;
  if (run.phase_ != Phase::given_up) {
    try {
      run.bodies_[run.me_]();
    } catch (const GivenUp&) {
    } catch (...) {
      if (!run.thrown_) run.thrown_ = std::current_exception();
      run.give_up();
    }
  }
  run.course_.alive = static_cast<Mask>(run.course_.alive & ~only(run.me_));
  run.pass_on();
}

// Says whether the point is one: what is done while unwinding is none.
bool Running::wait_for_turn() {
  if (phase_ != Phase::given_up) {
    const Mask mine = only(me_);
    waiting_ =
        static_cast<Mask>(waits(course_.pending[me_].kind) ? waiting_ | mine : waiting_ & ~mine);
    pass_on();
    if (phase_ != Phase::given_up) return true;
  }
  if (std::uncaught_exceptions() == 0) throw GivenUp{};
  return false;
}

void Running::pass_on() {
  const unsigned from = me_;
  const unsigned next = whose_turn();
  if (next == from) return;
  me_ = next;
  fibers_.jump(from, next);
}

// Each body first runs up to its first point, which is nobody's business but its own.
unsigned Running::whose_turn() {
  if (phase_ == Phase::given_up) return Fibers::kMain;
  if (phase_ == Phase::starting) {
    if (me_ + 1 < course_.bodies) return me_ + 1;
    phase_ = Phase::going;
  }
  if (course_.alive == 0) return Fibers::kMain;
  return choose();
}

unsigned Running::choose() {
  course_.enabled = enabled();
  if (course_.enabled == 0) {
    course_.stuck = course_.alive;
    return give_up();
  }
  if (course_.count >= points_) {
    endless_ = true;
    return give_up();
  }
  const Choice choice = way_.choose(course_);
  if (!has(course_.enabled, choice.body)) {
    thrown_ = std::make_exception_ptr(Unrepeatable());
    return give_up();
  }
  until_ = std::min(choice.until, points_);
  if (course_.count != 0 && choice.body != course_.last()) {
    ++switches_;
    if (has(course_.enabled, course_.last())) ++preemptions_;
  }
  return choice.body;
}

Mask Running::enabled() const {
  Mask set = course_.alive;
  for (Mask rest = set & waiting_; rest != 0; rest = without_lowest(rest))
    if (!may_go(course_.pending[lowest(rest)])) set = static_cast<Mask>(set & ~only(lowest(rest)));
  return set;
}

unsigned Running::give_up() {
  phase_ = Phase::given_up;
  until_ = 0;
  return Fibers::kMain;
}

}  // namespace cow::explore

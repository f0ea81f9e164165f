// One execution: bodies in fibers, one of which goes on at a time, from point to point.
//
// A body that announces a point asks on its own stack who goes next; if that is itself, nothing
// is switched and nothing allocated. An execution that cannot go on, or does not end, is given up:
// each body is unwound by an exception from its pending point. So no point may stand in a function
// that is noexcept; and what a destructor does while unwinding is done as if nobody else were
// there.
#pragma once

#include <exception>
#include <functional>
#include <span>

#include "explore/course.h"
#include "explore/fibers.h"
#include "explore/way.h"

namespace cow::explore {

using Body = std::function<void()>;

class Running {
 public:
  inline static thread_local constinit Running* here = nullptr;  // null: nobody explores

  Running(std::span<const Body> bodies, Way& way, std::uint32_t points);
  void run();

  // Announces; comes back when the body is to do it.
  void point(const void* address, Kind kind) {
    const Point mine{address, kind};
    course_.pending[me_] = mine;
    if ((course_.count >= until_ || !may_go(mine)) && !wait_for_turn()) return;
    Taken& taken = course_.taken[course_.count++];
    taken.address = address;
    taken.kind = kind;
    taken.body = static_cast<std::uint8_t>(me_);
  }
  void released(const void* address, bool shared) noexcept {
    course_.releases.push_back({address, course_.count, static_cast<std::uint8_t>(me_), shared});
  }

  const Course& course() const { return course_; }
  bool deadlock() const { return course_.stuck != 0; }
  bool endless() const { return endless_; }
  unsigned switches() const { return switches_; }
  unsigned preemptions() const { return preemptions_; }

 private:
  enum class Phase : std::uint8_t { starting, going, given_up };
  struct GivenUp {};

  static void work();
  bool wait_for_turn();
  void pass_on();
  unsigned whose_turn();
  unsigned choose();
  Mask enabled() const;
  unsigned give_up();
  void begin();

  Course course_;
  std::uint32_t until_ = 0;
  unsigned me_ = Fibers::kMain;
  Phase phase_ = Phase::starting;
  Mask waiting_ = 0;  // whose pending point may have to wait
  bool endless_ = false;
  unsigned switches_ = 0;
  unsigned preemptions_ = 0;
  std::uint32_t points_;
  std::span<const Body> bodies_;
  Way& way_;
  Fibers& fibers_;
  std::exception_ptr thrown_;
};

}  // namespace cow::explore

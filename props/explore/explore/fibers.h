// Stacks on which bodies run, and the switch from one to another, in one OS thread.
#pragma once

#include <array>
#include <boost/context/detail/fcontext.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <cstddef>

#include "explore/course.h"

#if defined(__SANITIZE_ADDRESS__)
#define COW_EXPLORE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COW_EXPLORE_ASAN 1
#endif
#endif
#ifdef COW_EXPLORE_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

namespace cow::explore {

// Making a stack costs more than an execution, so an OS thread keeps its own for all that it
// explores: a fiber never ends, it calls its work again whenever it is jumped to anew.
class Fibers {
 public:
  static constexpr unsigned kMain = kBodies;  // whoever called explore
  using Work = void (*)();

  static Fibers& of_this_thread();
  void reserve(unsigned count, Work work);

  // Comes back when somebody jumps to `from`.
  void jump(unsigned from, unsigned to) {
    Fiber& mine = fibers_[from];
    Fiber& other = fibers_[to];
    mine.exceptions = *exceptions_;
    *exceptions_ = other.exceptions;
#ifdef COW_EXPLORE_ASAN
    __sanitizer_start_switch_fiber(&mine.fake_stack, other.bottom, other.size);
#endif
    const auto came = boost::context::detail::jump_fcontext(other.at, &mine);
    arrive(mine, came);
  }

  Fibers(const Fibers&) = delete;
  Fibers& operator=(const Fibers&) = delete;

 private:
  // What the C++ ABI keeps of exceptions caught and in flight is one for each OS thread; each fiber
  // must find its own again.
  struct Exceptions {
    void* caught = nullptr;
    unsigned in_flight = 0;
  };
  struct Fiber {
    boost::context::detail::fcontext_t at = nullptr;
    Exceptions exceptions;
    boost::context::stack_context stack;
    // The address sanitizer is told of every switch, as Boost's own build for it is not to be had.
    void* fake_stack = nullptr;
    const void* bottom = nullptr;
    std::size_t size = 0;
  };

  Fibers();
  ~Fibers();
  [[noreturn]] static void begin(boost::context::detail::transfer_t came);
  static void arrive([[maybe_unused]] Fiber& mine, boost::context::detail::transfer_t came) {
    Fiber& comer = *static_cast<Fiber*>(came.data);
    comer.at = came.fctx;
#ifdef COW_EXPLORE_ASAN
    __sanitizer_finish_switch_fiber(mine.fake_stack, &comer.bottom, &comer.size);
#endif
  }

  std::array<Fiber, kBodies + 1> fibers_;
  Exceptions* exceptions_;
  boost::context::protected_fixedsize_stack stacks_;
  unsigned count_ = 0;
  Work work_ = [] {};
};

}  // namespace cow::explore

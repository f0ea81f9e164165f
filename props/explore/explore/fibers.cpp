#include "explore/fibers.h"

#include <cxxabi.h>

#ifdef COW_EXPLORE_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace cow::explore {

namespace fcontext = boost::context::detail;

constexpr std::size_t kStack = std::size_t{256} << 10;

Fibers& Fibers::of_this_thread() {
  static thread_local Fibers fibers;
  return fibers;
}

Fibers::Fibers()
    // The layout is that of the Itanium C++ ABI, 2.2.2.
    : exceptions_(reinterpret_cast<Exceptions*>(abi::__cxa_get_globals())), stacks_(kStack) {}

Fibers::~Fibers() {
  for (unsigned i = 0; i < count_; ++i) {
#ifdef COW_EXPLORE_ASAN
    // Whoever gets this memory next is not to find the red zones of our frames.
    __asan_unpoison_memory_region(fibers_[i].bottom, fibers_[i].size);
#endif
    stacks_.deallocate(fibers_[i].stack);
  }
}

void Fibers::reserve(unsigned count, Work work) {
  work_ = work;
  for (; count_ < count; ++count_) {
    Fiber& fiber = fibers_[count_];
    fiber.stack = stacks_.allocate();
    fiber.size = fiber.stack.size;
    fiber.bottom = static_cast<char*>(fiber.stack.sp) - fiber.size;
    fiber.at = fcontext::make_fcontext(fiber.stack.sp, fiber.size, begin);
  }
}

void Fibers::begin(fcontext::transfer_t came) {
  static thread_local Fiber nobody;  // has no fake stack yet
  arrive(nobody, came);
  for (;;) of_this_thread().work_();
}

}  // namespace cow::explore

// How the machine synchronizes: a policy that a build chooses, so that one text is compiled for one
// thread, for many, and for a scheduler that tries every order.
//
// A policy has static functions on plain words, which may be in any memory: load (acquire), store
// (release), and the read-modify-writes fetch_add, fetch_sub, fetch_or, fetch_and, exchange and
// cas, which are sequentially consistent. touch(bytes, write) stands before an access to a page's
// bytes, which nothing orders but the caller's own doing. A Lock is held for a few hundred
// instructions; an RwLock may be held across a whole fork, and a reader says on which CPU it is.
// Zeroed memory is a free Lock.
//
// OneThread costs nothing. Threads is plain locks and atomics. The third, which an explorer drives
// through all orders, is explore::Explored in props.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>

namespace cow::impl {

struct OneThread {
  static constexpr bool kConcurrent = false;

  template <class T> static T load(const T& at) { return at; }
  template <class T> static void store(T& at, std::type_identity_t<T> value) { at = value; }
  template <class T> static T fetch_add(T& at, std::type_identity_t<T> by) {
    const T old = at;
    at = static_cast<T>(old + by);
    return old;
  }
  template <class T> static T fetch_sub(T& at, std::type_identity_t<T> by) {
    const T old = at;
    at = static_cast<T>(old - by);
    return old;
  }
  template <class T> static T fetch_or(T& at, std::type_identity_t<T> bits) {
    const T old = at;
    at = static_cast<T>(old | bits);
    return old;
  }
  template <class T> static T fetch_and(T& at, std::type_identity_t<T> bits) {
    const T old = at;
    at = static_cast<T>(old & bits);
    return old;
  }
  template <class T> static T exchange(T& at, std::type_identity_t<T> value) {
    const T old = at;
    at = value;
    return old;
  }
  template <class T> static bool cas(T& at, T& expected, std::type_identity_t<T> desired) {
    if (at != expected) {
      expected = at;
      return false;
    }
    at = desired;
    return true;
  }
  static void fence() {}
  static void touch(const void*, bool) {}

  class Lock {
   public:
    void lock() {}
    void unlock() {}
  };
  class RwLock {
   public:
    void lock_shared(unsigned) {}
    void unlock_shared(unsigned) {}
    void lock() {}
    void unlock() {}
  };
};

struct Threads {
  static constexpr bool kConcurrent = true;

  template <class T> static T load(const T& at) { return __atomic_load_n(&at, __ATOMIC_ACQUIRE); }
  template <class T> static void store(T& at, std::type_identity_t<T> value) {
    __atomic_store_n(&at, value, __ATOMIC_RELEASE);
  }
  template <class T> static T fetch_add(T& at, std::type_identity_t<T> by) {
    return __atomic_fetch_add(&at, by, __ATOMIC_SEQ_CST);
  }
  template <class T> static T fetch_sub(T& at, std::type_identity_t<T> by) {
    return __atomic_fetch_sub(&at, by, __ATOMIC_SEQ_CST);
  }
  template <class T> static T fetch_or(T& at, std::type_identity_t<T> bits) {
    return __atomic_fetch_or(&at, bits, __ATOMIC_SEQ_CST);
  }
  template <class T> static T fetch_and(T& at, std::type_identity_t<T> bits) {
    return __atomic_fetch_and(&at, bits, __ATOMIC_SEQ_CST);
  }
  template <class T> static T exchange(T& at, std::type_identity_t<T> value) {
    return __atomic_exchange_n(&at, value, __ATOMIC_SEQ_CST);
  }
  template <class T> static bool cas(T& at, T& expected, std::type_identity_t<T> desired) {
    return __atomic_compare_exchange_n(&at, &expected, desired, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_ACQUIRE);
  }
  static void fence() {
#ifdef __SANITIZE_THREAD__  // which does not know fences; a read-modify-write of one's own is one
    int own = 0;
    __atomic_fetch_add(&own, 1, __ATOMIC_SEQ_CST);
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
  }
  static void touch(const void*, bool) {}

  // More threads than processors may run: whoever waits long lets others go on.
  class Waiting {
   public:
    void once() {
      if (++times_ % 64 == 0) std::this_thread::yield();
      else __builtin_ia32_pause();
    }

   private:
    unsigned times_ = 0;
  };

  class Lock {
   public:
    void lock() {
      for (Waiting wait; exchange(held_, 1) != 0;)
        while (load(held_) != 0) wait.once();
    }
    void unlock() { store(held_, 0); }

   private:
    std::uint8_t held_ = 0;
  };

  // The readers of the first CPUs have a cache line each, which nobody else writes: one
  // read-modify-write to come, none to go. The other CPUs share one. A writer looks at all of them.
  class RwLock {
   public:
    void lock_shared(unsigned cpu) {
      std::uint32_t& readers = slot(cpu);
      for (Waiting wait;; wait.once()) {
        if (cpu < kOwn) exchange(readers, 1);  // and a full barrier
        else fetch_add(readers, 1);
        if (load(writing_) == 0) return;
        unlock_shared(cpu);
        while (load(writing_) != 0) wait.once();
      }
    }
    void unlock_shared(unsigned cpu) {
      if (cpu < kOwn) store(slot(cpu), 0);
      else fetch_sub(slot(cpu), 1);
    }
    void lock() {
      for (Waiting wait; exchange(writing_, 1) != 0;) wait.once();
      for (Slot& one : slots_)
        for (Waiting wait; load(one.readers) != 0;) wait.once();
    }
    void unlock() { store(writing_, 0); }

   private:
    static constexpr unsigned kOwn = 7;
    struct alignas(64) Slot {
      std::uint32_t readers = 0;
    };
    std::uint32_t& slot(unsigned cpu) { return slots_[cpu < kOwn ? cpu : kOwn].readers; }
    std::array<Slot, kOwn + 1> slots_;
    std::uint8_t writing_ = 0;
  };
};

}  // namespace cow::impl

// The synchronization policy for machines that are explored; its siblings stand in impl/sync.h.
//
// Each access is a point, at which another body may go first. What is explored is sequential
// consistency: every read sees the last write. What weaker memory may do, to Threads' acquire
// and release or to the bytes that touch announces, is not. Two accesses are of the same memory
// if they have the same address; words that overlap otherwise are not seen as one.
//
// While nobody explores in this OS thread, as when a machine is set up, each is a plain access.
#pragma once

#include <cstdint>
#include <type_traits>

#include "explore/running.h"
#include "impl/sync.h"

namespace cow::explore {

struct Explored {
  static constexpr bool kConcurrent = true;

  template <class T> static T load(const T& at) {
    point(&at, Kind::read);
    return at;
  }
  template <class T> static void store(T& at, std::type_identity_t<T> value) {
    point(&at, Kind::write);
    at = value;
  }
  template <class T> static T fetch_add(T& at, std::type_identity_t<T> by) {
    point(&at, Kind::write);
    return Plain::fetch_add(at, by);
  }
  template <class T> static T fetch_sub(T& at, std::type_identity_t<T> by) {
    point(&at, Kind::write);
    return Plain::fetch_sub(at, by);
  }
  template <class T> static T fetch_or(T& at, std::type_identity_t<T> bits) {
    point(&at, Kind::write);
    return Plain::fetch_or(at, bits);
  }
  template <class T> static T fetch_and(T& at, std::type_identity_t<T> bits) {
    point(&at, Kind::write);
    return Plain::fetch_and(at, bits);
  }
  template <class T> static T exchange(T& at, std::type_identity_t<T> value) {
    point(&at, Kind::write);
    return Plain::exchange(at, value);
  }
  // Whether it will write is not known when it is announced.
  template <class T> static bool cas(T& at, T& expected, std::type_identity_t<T> desired) {
    point(&at, Kind::write);
    return Plain::cas(at, expected, desired);
  }
  static void fence() {}  // all is in one order
  static void touch(const void* bytes, bool write) {
    point(bytes, write ? Kind::write : Kind::read);
  }

  class Lock {
   public:
    void lock() {
      point(&state_, Kind::write_lock);
      state_ = kWriting;
    }
    void unlock() noexcept {
      state_ = 0;
      released(&state_, false);
    }

   private:
    std::uint8_t state_ = 0;
  };

  class RwLock {
   public:
    void lock_shared(unsigned) {
      point(&state_, Kind::read_lock);
      ++state_;
    }
    void unlock_shared(unsigned) noexcept {
      --state_;
      released(&state_, true);
    }
    // Once the door is shut no reader comes, so draining is a point only if there is one inside.
    void lock() {
      point(&state_, Kind::write_lock);
      state_ |= kWriting;
      if ((state_ & kReaders) != 0) point(&state_, Kind::drain);
    }
    void unlock() noexcept {
      state_ = 0;
      released(&state_, false);
    }

   private:
    std::uint8_t state_ = 0;
  };

 private:
  using Plain = impl::OneThread;

  static void point(const void* address, Kind kind) {
    if (Running* run = Running::here) run->point(address, kind);
  }
  static void released(const void* address, bool shared) noexcept {
    if (Running* run = Running::here) run->released(address, shared);
  }
};

}  // namespace cow::explore

// Faults beside the least that such a fault must do: a copy, a page of zeroes, or a walk and one
// compare-and-swap.
#pragma once

#include "bare.h"
#include "pair.h"
#include "scene.h"
#include "timers.h"

namespace cow::bench {

inline Order first_of(Order order, std::uint32_t n) {
  order.resize(n);
  return order;
}

// The child writes `written` of the pages that it shares with its parent. Frames of copies come
// from the free list, which the last child filled: touched before, and at random places where the
// pages were. The limit's destinations are alike.
template <class Machine> class CopyPair : public Pair {
 public:
  CopyPair(std::uint32_t pages, std::uint32_t written, Pages order)
      : scene_(pages, Pages::in_sequence),
        pages_(first_of(order_of(order, pages), written)),
        places_(order_of(order, written)),
        from_(pages),
        to_(written) {}

  void prepare() override { scene_.fork(); }
  double ours() override {
    return timed([&] {
      access_all(scene_.machine(), page_step(Op::write, kChild), pages_, Outcome::copied);
    });
  }
  double limit() override {
    return timed([&] { copy_pages(to_, places_, from_, pages_); });
  }
  void clean() override { scene_.exit_child(); }

 private:
  Scene<Machine> scene_;
  Order pages_, places_;
  BarePages from_, to_;
};

// First writes to pages that were discarded, so that tables and frames are reused memory.
template <class Machine> class FirstTouchPair : public Pair {
 public:
  explicit FirstTouchPair(std::uint32_t pages) : scene_(pages, Pages::in_sequence), bare_(pages) {}

  void prepare() override { scene_.discard(); }
  double ours() override {
    return timed([&] {
      access_all(scene_.machine(), page_step(Op::write, kParent), scene_.order(), Outcome::fresh);
    });
  }
  double limit() override {
    return timed([&] { set_pages(bare_, scene_.order()); });
  }

 private:
  Scene<Machine> scene_;
  BarePages bare_;
};

enum class Light : std::uint8_t { reuse, zero };
enum class WalkTo : std::uint8_t { entry, byte };

// The parent writes, alone again after its child's exit; or reads what is empty, below tables that
// exist. The limit's entries are written anew in both cases.
template <class Machine> class LightFaultPair : public Pair {
 public:
  LightFaultPair(std::uint32_t pages, Light light, Pages order, WalkTo to = WalkTo::entry)
      : scene_(pages, Pages::in_sequence),
        light_(light),
        pages_(order_of(order, pages)),
        bare_(pages),
        bytes_(to == WalkTo::byte ? pages : 0) {}

  void prepare() override {
    if (light_ == Light::zero) {
      scene_.discard();
    } else {
      scene_.fork();
      scene_.exit_child();
    }
    for (const std::uint32_t page : scene_.order()) bare_.clear_entry(page);
  }
  double ours() override {
    const bool zero = light_ == Light::zero;
    return timed([&] {
      access_all(scene_.machine(), page_step(zero ? Op::read : Op::write, kParent), pages_,
                 zero ? Outcome::zero : Outcome::reused);
    });
  }
  double limit() override {
    if (bytes_.size() == 0) return walks_alone();
    return timed([&] { bare_.walk_swap_and_write(pages_, bytes_); });
  }

 private:
  // Few walks are over before the clock has been asked, so they are taken again.
  double walks_alone() const {
    const unsigned times = pages_.size() < 10'000 ? 16 : 1;
    const double seconds = timed([&] {
      for (unsigned i = 0; i < times; ++i) bare_.walk_and_swap(pages_);
    });
    return seconds / times;
  }
  Scene<Machine> scene_;
  Light light_;
  Order pages_;
  BareTables bare_;
  BarePages bytes_;  // none where the walk ends at the entry
};

// The locks alone, which a fault of the concurrent machine takes and nobody else wants here, around
// the same walk and compare-and-swap.
class LocksPair : public Pair {
 public:
  explicit LocksPair(std::uint32_t pages)
      : pages_(order_of(Pages::in_sequence, pages)), bare_(pages) {}

  void prepare() override {
    for (const std::uint32_t page : pages_) bare_.clear_entry(page);
  }
  double ours() override {
    return many([&](const std::uint32_t& page) {
      cpu_.lock();
      cpu_.unlock();
      mmap_.lock_shared(0);
      table_.lock();
      bare_.walk_and_swap(std::span(&page, 1));
      table_.unlock();
      cpu_.lock();
      mmap_.unlock_shared(0);
      cpu_.unlock();
    });
  }
  double limit() override {
    return many([&](const std::uint32_t& page) { bare_.walk_and_swap(std::span(&page, 1)); });
  }

 private:
  // Few walks are over before the clock has been asked.
  double many(auto once) const {
    constexpr unsigned kTimes = 16;
    const double seconds = timed([&] {
      for (unsigned i = 0; i < kTimes; ++i)
        for (const std::uint32_t& page : pages_) once(page);
    });
    return seconds / kTimes;
  }
  Order pages_;
  BareTables bare_;
  impl::Threads::Lock cpu_, table_;
  impl::Threads::RwLock mmap_;
};

}  // namespace cow::bench

// The limits: the least that any implementation must do, without anything that counts or decides.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "bench_steps.h"
#include "impl/reserved.h"
#include "orders.h"

namespace cow::bench {

// So many pages, touched. Had from the host as the machine's are.
class BarePages {
 public:
  explicit BarePages(std::size_t pages) : bytes_(pages) {
    demand(bytes_.capacity() == pages, "no memory for the limit");
    fill(1);
  }
  std::uint8_t* at(std::size_t page) const { return bytes_[page].data(); }
  std::size_t size() const { return bytes_.capacity(); }
  void clear() { fill(0); }

 private:
  void fill(int byte) { std::memset(at(0), byte, size() * kPage); }

  impl::Reserved<std::array<std::uint8_t, kPage>> bytes_;
};

inline void copy_pages(const BarePages& to, std::span<const std::uint32_t> to_order,
                       const BarePages& from, std::span<const std::uint32_t> from_order) {
  for (std::size_t i = 0; i < from_order.size(); ++i)
    std::memcpy(to.at(to_order[i]), from.at(from_order[i]), kPage);
}

inline void set_pages(const BarePages& pages, std::span<const std::uint32_t> order) {
  for (const std::uint32_t page : order) std::memset(pages.at(page), 0, kPage);
}

// Tables on their own, to be copied.
inline void copy_tables(const BarePages& to, const BarePages& from) {
  for (std::size_t i = 0; i < from.size(); ++i) std::memcpy(to.at(i), from.at(i), kPage);
}

using Entry = std::uint64_t;
inline constexpr std::uint32_t kEntries = 512;
inline constexpr std::size_t tables_for(std::size_t things) {
  return (things + kEntries - 1) / kEntries;
}

// Four levels of tables whose entries are the addresses of what is below.
class BareTables {
 public:
  explicit BareTables(std::uint32_t pages)
      : pages_(pages),
        last_(tables_for(pages)),
        second_(tables_for(last_.size())),
        third_(tables_for(second_.size())),
        root_(1) {
    link(second_, last_);
    link(third_, second_);
    link(root_, third_);
    for (std::uint32_t page = 0; page < pages_; ++page) clear_entry(page);
  }

  Entry& entry(std::uint32_t page) const {
    return entries(last_, page / kEntries)[page % kEntries];
  }
  void clear_entry(std::uint32_t page) const { entry(page) = Entry{page} << 12 | 1; }

  // A walk to each page's entry and one compare-and-swap there, which gives it another bit.
  void walk_and_swap(std::span<const std::uint32_t> order) const {
    std::size_t swapped = 0;
    for (const std::uint32_t page : order) {
      Entry* e = walk(page);
      Entry seen = __atomic_load_n(e, __ATOMIC_RELAXED);
      swapped += __atomic_compare_exchange_n(e, &seen, seen | 2, false, __ATOMIC_SEQ_CST,
                                             __ATOMIC_RELAXED);
    }
    demand(swapped == order.size(), "a bare compare-and-swap failed");
  }

  // The same, and a byte of each page is written, as the program does once the fault is over.
  void walk_swap_and_write(std::span<const std::uint32_t> order, const BarePages& pages) const {
    for (const std::uint32_t& page : order) {
      walk_and_swap(std::span(&page, 1));
      *const_cast<volatile std::uint8_t*>(pages.at(page)) = 1;
    }
  }

  // One load of eight bytes for each page's entry, in order; the compiler may not join them.
  void read_all() const {
    Entry all = 0;
    for (std::size_t t = 0; t < last_.size(); ++t) {
      const volatile Entry* table = entries(last_, t);
      for (std::uint32_t i = 0; i < kEntries; ++i) all |= table[i];
    }
    demand(all != 0, "bare tables are empty");
  }

 private:
  static Entry* entries(const BarePages& tables, std::size_t t) {
    return reinterpret_cast<Entry*>(tables.at(t));
  }
  static void link(const BarePages& above, const BarePages& below) {
    for (std::size_t i = 0; i < below.size(); ++i)
      entries(above, i / kEntries)[i % kEntries] = reinterpret_cast<Entry>(below.at(i));
  }
  Entry* walk(std::uint32_t page) const {
    const Entry* table = entries(root_, 0);
    for (unsigned shift = 27; shift > 0; shift -= 9)
      table = reinterpret_cast<const Entry*>(table[(page >> shift) % kEntries]);
    return const_cast<Entry*>(table) + page % kEntries;
  }

  std::uint32_t pages_;
  BarePages last_, second_, third_, root_;
};

}  // namespace cow::bench

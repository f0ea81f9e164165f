// The CPUs: what each remembers of the page tables, and how the others make it forget. Linux:
// arch/x86/mm/tlb.c, mm/mmu_notifier.c.
//
// A translation may be used until it is flushed, whatever its entry says by then. A CPU's lock is
// held while an instruction walks the tables and touches its byte, so that a flush, which takes it
// too, is done when no such instruction is under way: the interrupt of a shootdown, and its
// acknowledgement.
//
// CPUs from kFirstDevice on stand for devices and guests: their translations are a secondary MMU's,
// which flushes leave alone and the notifier range takes away.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "impl/frames.h"
#include "impl/page_tables.h"

namespace cow::impl {

inline constexpr unsigned kFirstDevice = 56;
constexpr bool is_device(unsigned cpu) { return cpu >= kFirstDevice; }

// Bit n: CPU n. Linux: mm_cpumask.
using CpuMask = std::uint64_t;
constexpr CpuMask mask_of(unsigned cpu) { return CpuMask{1} << cpu; }
inline constexpr CpuMask kDevices = ~(mask_of(kFirstDevice) - 1);

using AddressSpaceId = std::uint32_t;  // below 2^20; its translations are flushed when it ends

template <class Sync> class Cpus {
 public:
  struct alignas(64) Cpu {
    typename Sync::Lock lock;
    // A translation, direct-mapped by its page.
    struct Entry {
      std::uint64_t tag = 0;
      Pte pte = 0;
    };
    static constexpr unsigned kEntries = 64;
    std::array<Entry, kEntries> tlb{};

    Entry& at(Vpn vpn) { return tlb[vpn % kEntries]; }
    // What is remembered and allows the access, or 0. REQUIRES: the lock is held.
    Pte find(AddressSpaceId mm, Vpn vpn, bool write) {
      const Entry& e = at(vpn);
      if (e.tag != tag_of(mm, vpn)) return 0;
      // A write through an entry that is not dirty yet goes to the tables first.
      constexpr Pte kForWrite = kWrite | kDirty | kSoftDirty;
      return !write || (e.pte & kForWrite) == kForWrite ? e.pte : 0;
    }
    void remember(AddressSpaceId mm, Vpn vpn, Pte pte) { at(vpn) = {tag_of(mm, vpn), pte}; }
  };

  Cpu& operator[](unsigned cpu) { return cpus_[cpu]; }

  // After these no CPU of the mask uses an older translation of the pages [first, end).
  void flush(CpuMask mask, AddressSpaceId mm, Vpn first, Vpn end) {
    for (; mask != 0; mask &= mask - 1) {
      Cpu& cpu = cpus_[static_cast<unsigned>(std::countr_zero(mask))];
      const Held<Sync, LockRank::cpu> held(cpu.lock);
      if (end - first < Cpu::kEntries) {
        for (Vpn vpn = first; vpn < end; ++vpn)
          if (cpu.at(vpn).tag == tag_of(mm, vpn)) cpu.at(vpn).tag = 0;
      } else {
        for (auto& entry : cpu.tlb)
          if (entry.tag >= tag_of(mm, first) && entry.tag < tag_of(mm, end)) entry.tag = 0;
      }
    }
  }
  void reset() {
    for (Cpu& cpu : cpus_)
      for (auto& entry : cpu.tlb) entry.tag = 0;
  }

 private:
  static constexpr std::uint64_t tag_of(AddressSpaceId mm, Vpn vpn) {
    return (std::uint64_t{mm} + 1) << 36 | vpn;
  }

  std::array<Cpu, kCpus<Sync>> cpus_;
};

}  // namespace cow::impl

// The x86-64 page-table entry: 64 bits, laid out as the processor and Linux lay them out.
// Widths: an entry is 64 bits; the frame number stands in bits 12..51, of which 32 are used.
// The predicates are templates over the word, so that a proof may call them on symbolic words; such
// a word needs ==, !=, &, |, a logical >> and a constructor from std::uint64_t.
#pragma once

#include <cstdint>

namespace cow::impl {

using Pte = std::uint64_t;
using FrameNo =
    std::uint32_t;  // frame 0 is the zero page, so 0 also says "none" where no zero page can be

// Set by hardware or read by it.
inline constexpr Pte kPresent = Pte{1} << 0;
inline constexpr Pte kWrite = Pte{1} << 1;
inline constexpr Pte kUser = Pte{1} << 2;
inline constexpr Pte kAccessed = Pte{1} << 5;
inline constexpr Pte kDirty = Pte{1} << 6;
inline constexpr Pte kNoExec = Pte{1} << 63;
// Linux's own. PROT_NONE clears bit 0 and sets bit 8: hardware faults, Linux still calls it
// present.
inline constexpr Pte kProtNone = Pte{1} << 8;
inline constexpr Pte kSpecial = Pte{1} << 9;     // the zero page: no counts are kept
inline constexpr Pte kUffdWp = Pte{1} << 10;     // userfaultfd write protection, where registered
inline constexpr Pte kSoftDirty = Pte{1} << 11;  // cleared by clear-refs alone
// Not present: a swap entry, whose slot stands in the place of the frame. It keeps kUffdWp and
// kSoftDirty, and has neither write nor accessed.
inline constexpr Pte kSwapEntry = Pte{1} << 58;
inline constexpr Pte kSwapExclusive = Pte{1} << 59;  // the page was exclusive
// Not present: an entry whose page moves. Its other bits are what they were, and will be; write is
// what Linux tells as the kind of a migration entry.
inline constexpr Pte kMigration = Pte{1} << 60;
// Stands in all 512 entries of a table that together are one, a PMD's: impl/detail/huge.h.
inline constexpr Pte kHuge = Pte{1} << 52;

inline constexpr unsigned kFrameShift = 12;
inline constexpr Pte kFrameMask = 0x000f'ffff'ffff'f000;

template <class Word> constexpr auto pte_present(Word e) {
  return (e & Word(kPresent | kProtNone)) != Word(0);
}
template <class Word> constexpr auto pte_write(Word e) { return (e & Word(kWrite)) != Word(0); }
template <class Word> constexpr auto pte_dirty(Word e) { return (e & Word(kDirty)) != Word(0); }
template <class Word> constexpr auto pte_young(Word e) { return (e & Word(kAccessed)) != Word(0); }
template <class Word> constexpr auto pte_soft_dirty(Word e) {
  return (e & Word(kSoftDirty)) != Word(0);
}
template <class Word> constexpr auto pte_special(Word e) { return (e & Word(kSpecial)) != Word(0); }

template <class Word> constexpr auto pte_uffd_wp(Word e) { return (e & Word(kUffdWp)) != Word(0); }
constexpr bool is_swap_pte(Pte e) { return (e & kSwapEntry) != 0; }
constexpr bool is_migration_pte(Pte e) { return (e & kMigration) != 0; }
constexpr Pte migration_pte(Pte present) { return (present & ~kPresent) | kMigration; }
constexpr Pte pte_of_migration(Pte e) { return (e & ~kMigration) | kPresent; }
constexpr bool is_huge(Pte e) { return (e & kHuge) != 0; }

constexpr FrameNo pte_frame(Pte e) { return static_cast<FrameNo>((e & kFrameMask) >> kFrameShift); }
using SwapNo = std::uint32_t;
constexpr SwapNo swap_slot(Pte e) { return pte_frame(e); }
constexpr Pte pte_wrprotect(Pte e) { return e & ~kWrite; }
constexpr Pte pte_mkold(Pte e) { return e & ~kAccessed; }
constexpr Pte pte_mkyoung(Pte e) { return e | kAccessed; }
// A software dirtying always tells soft-dirty too.
constexpr Pte pte_mkdirty(Pte e) { return e | kDirty | kSoftDirty; }

// What a change of protection keeps of an entry (Linux: _PAGE_CHG_MASK).
inline constexpr Pte kChangeKeeps =
    kFrameMask | kSpecial | kAccessed | kDirty | kSoftDirty | kUffdWp | kHuge;

}  // namespace cow::impl

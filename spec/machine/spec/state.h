// The state of the specification: what a kernel keeps about memory, as tables of rows.
//
// The text is written once over a logic L. With L = Concrete it runs on plain values; with a
// symbolic logic the same lines become formulas. Rows are reached as m.pte[s].dirty and never
// copied, and conditions on them are ordinary ifs.
#pragma once

#include "cow/outcome.h"
#include "cow/rules.h"
#include "spec/features.h"

namespace cow::spec {

// struct vm_area_struct. A private mapping here always has VM_MAYWRITE, so it is a COW mapping.
template <class L> struct Vma {
  Flag<L> read, write;           // VM_READ, VM_WRITE
  Flag<L> shared;                // VM_SHARED
  Flag<L> file;                  // shows an object (a file, shmem), else private anonymous memory
  Flag<L> shmem;                 // that object is shared anonymous memory
  Flag<L> anon_vma;              // there is one: it had, or was about to have, an anonymous page
  Flag<L> inherited;             // … and it came by fork
  Flag<L> dontfork, wipeonfork;  // VM_DONTCOPY, VM_WIPEONFORK
  // VM_LOCKED, VM_MERGEABLE, VM_UFFD_WP, VM_HUGEPAGE, VM_NOHUGEPAGE
  Flag<L> locked, mergeable, uffd, hugepage, nohugepage;
};

// pte_t. soft_dirty is Linux' software bit, which only clear_refs takes away.
template <class L> struct Pte {
  Flag<L> present, writable, dirty, young, soft_dirty;
  Is<L, typename L::Frame> frame;
};

// struct page. The zero page is one too, and is never counted.
template <class L> struct Page {
  Flag<L> allocated;
  Flag<L> anon;                    // PageAnon; else the zero page or the page cache
  Flag<L> shmem;                   // page cache of shared anonymous memory
  Flag<L> cached;                  // in the page cache, which holds one reference
  Flag<L> exclusive;               // PG_anon_exclusive, where the rules track it
  Is<L, typename L::Block> block;  // whose page cache it is
  Is<L, typename L::Data> data;
};

// One page of a file or of shared anonymous memory.
template <class L> struct Block {
  Flag<L> cached;
  Is<L, typename L::Frame> frame;  // where cached
};

template <class L> struct Mm {
  Flag<L> has_pinned;  // MMF_HAS_PINNED
};

template <class L> struct Reference {
  Flag<L> live, pin, write;  // pin: FOLL_PIN, else FOLL_GET
  Flag<L> stray;             // nobody looks through it: a speculative lookup, an LRU batch
  Is<L, typename L::Frame> frame;
};

// wp_page_copy between its parts: what a thread remembers without the page-table lock.
template <class L> struct Copying {
  // ready: the new page has its contents; unshare: FAULT_FLAG_UNSHARE
  Flag<L> busy, ready, unshare;
  Flag<L> dirty, young, soft_dirty, wp;  // the entry as the fault found it; wp: userfaultfd's mark
  Is<L, typename L::Slot> slot;
  Is<L, typename L::Frame> old, fresh;
};

// All of it. The keys: Slot, a page of an address space; Frame, a page of memory; Ref, a GUP or
// stray reference; Thread, who handles a fault.
template <class L> struct State : L, Features<L> {
  template <class Key, class Row> using Table = typename L::template Table<Key, Row>;
  template <class Member, class Owner> using Count = typename L::template Count<Member, Owner>;
  using typename L::Slot, typename L::Frame, typename L::Ref, typename L::Thread;

  Rules rules{};
  // of(s): the Vma of a page; block(s), past_end(s), disk(b): what it shows.
  typename L::Layout area;
  Table<typename L::VmaId, Vma<L>> vma{"vma"};
  Table<Slot, Pte<L>> pte{"pte"};
  Table<Frame, Page<L>> page{"page"};
  Table<typename L::Block, Block<L>> block{"block"};
  Table<typename L::Mm, Mm<L>> mm{"mm"};
  Table<Ref, Reference<L>> ref{"ref"};
  Table<Thread, Copying<L>> copying{"copying"};
  Count<Slot, Frame> mapped{"mapcount"};
  Count<Ref, Frame> gets{"gets"}, pins{"pins"};         // gets: FOLL_GET and stray references
  Count<Thread, Frame> temps{"temps"}, fresh{"fresh"};  // a copier holds the old and the new page
  Count<Slot, typename L::RssKey> rss{"rss"};
  typename L::Memory memory;  // which frames are free

  auto frame_at(const auto& s) const { return value(pte[s].frame); }
};

// The area of a page of an address space, and what is most asked of the page.
decltype(auto) vma_of(auto& m, const auto& s) { return m.vma[m.area.of(s)]; }
auto is_private(const auto& m, const auto& s) { return !vma_of(m, s).shared; }
auto writable(const auto& m, const auto& s) { return m.pte[s].present && m.pte[s].writable; }

}  // namespace cow::spec

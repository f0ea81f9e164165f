// The specification's text over facts that are unpacked from the implementation's words: one entry,
// the page that it maps, its area and its process. So both sides of an equality speak about the
// same words, and this file alone says what the words mean to the specification.
//
// What is assumed about the words, beside their widths. Each is checked on running machines too.
//   fits       the counts word is exact: its mapcount half is the number of mappings, its refcount
//              half is mappings + caches + gets + copiers + 1024 x pins, and that sum fits 32 bits
//   kind       a mapped page is anon, file, shmem or zero; only file and shmem stand in the cache,
//              and only anon may be a KSM page or in the swap cache, which holds one reference too
//   swap       a swap entry is not present
//   zero       frame 0, kind zero and the entry's special bit go together
//   prot       VM_WRITE comes with VM_READ (an area is none, ro or rw)
//   maywrite   every area has VM_MAYWRITE
//   anon_vma   that word is 0, 1 or 2
//   folio      a large folio's page that most entries map has one at least, and no fewer than the
//              page at hand; what the one process maps of it is no more than all do
//   shows      an entry of a shared area maps a page of its object: shmem where that is shmem
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "impl/decisions.h"
#include "logic/runs.h"
#include "prove/bits.h"
#include "spec/fork.h"
#include "spec/gup.h"
#include "spec/huge.h"
#include "spec/invariants.h"
#include "spec/ksm.h"
#include "spec/lazyfree.h"
#include "spec/migrate.h"
#include "spec/mlock.h"
#include "spec/vma.h"
#include "spec/zap.h"

namespace cow::prove {

// Every word that a decision may look at, at its width in the implementation.
struct Words {
  Word<64> entry = Word<64>::constant("entry");
  Word<32> mappings = Word<32>::constant("mapcount"), references = Word<32>::constant("refcount");
  Word<64> counts{z3::concat(mappings.e, references.e)};
  Word<8> flags = Word<8>::constant("page_flags");
  Word<32> marks = Word<32>::constant("page_marks");
  Word<64> swapcount = Word<64>::widened(Word<32>::constant("swapcount"));  // of the page's slot
  Word<32> area = Word<32>::constant("area_flags");
  Word<32> area_before = Word<32>::constant("area_flags_before");
  Word<32> gup = Word<32>::constant("gup_flags");
  Word<8> anon_vma = Word<8>::constant("anon_vma");
  Word<8> before = Word<8>::constant("anon_vma_before"),
          after = Word<8>::constant("anon_vma_after");
  // Of a large folio: the entries of the page that most map, of all, and of the one process.
  Word<64> most_mapped = Word<64>::widened(Word<32>::constant("folio_most_mapped"));
  Word<64> folio_mappings = Word<64>::widened(Word<32>::constant("folio_mapcount"));
  Word<64> own_mappings = Word<64>::widened(Word<32>::constant("folio_mapcount_own"));
  Truth has_pinned = Truth::constant("has_pinned");
  Truth write = Truth::constant("write");
};

enum class Place : int { here, in_child };        // an entry, and its place in the child
enum class AreaId : int { here, before, after };  // the area of both, and its neighbours
enum class One : int { one };                     // where the decisions know one only

struct FactLogic {
  using Bool = Truth;
  using Slot = Place;
  using VmaId = AreaId;
  using Ref = One;
  using Thread = One;
  using Mm = One;
  using Block = One;
  using Swap = One;
  using RssKey = One;
  class Frame : public Word<32> {
   public:
    using Word<32>::Word;
    Frame() = default;
    explicit Frame(const Word<32>& w) : Word<32>(w.e) {}
    bool is(const Frame& other) const { return e.id() == other.e.id(); }  // told by name
  };
  struct Data {};
  template <class T> using Field = T;

  // Rows are made when first reached, of facts of which nothing is known.
  template <class Key, class Row> class Table {
   public:
    explicit Table(const char*) {}
    Row& operator[](const Key& key) const {
      for (auto& [known, row] : rows_)
        if (same(known, key)) return *row;
      return *rows_.emplace_back(key, std::make_unique<Row>()).second;
    }
    Key append(const Row& row) {  // areas only: numbers after those that have names
      const Key key = static_cast<Key>(static_cast<int>(AreaId::after) + 1 + next_++);
      (*this)[key] = row;
      return key;
    }

   private:
    static bool same(const Frame& a, const Frame& b) { return a.is(b); }
    template <class Enum> static bool same(Enum a, Enum b) { return a == b; }
    mutable std::vector<std::pair<Key, std::unique_ptr<Row>>> rows_;
    int next_ = 0;
  };
  template <class Member, class Owner> class Count {
   public:
    explicit Count(const char* name) : numbers_(name) {}
    void add(const Member&, const Owner& o) { at(o) = at(o) + Word<64>(1); }
    void remove(const Member&, const Owner& o) { at(o) = at(o) - Word<64>(1); }
    Word<64> count(const Owner& o) const { return at(o); }
    void set(const Owner& o, const Word<64>& n) { at(o) = n; }
    mutable bool asked = false;  // since it was last set to no

   private:
    struct Number {  // of a page: below 2^32
      Word<64> n = Word<64>::widened(Word<32>());
    };
    Word<64>& at(const Owner& o) const {
      asked = true;
      return numbers_[o].n;
    }
    Table<Owner, Number> numbers_;
  };
  struct Layout {
    static AreaId of(Place) { return AreaId::here; }
  };
  struct SwapDevice {
    static One fresh(const auto&) { return One::one; }
  };
  // A folio's sums are words of their own. Of a page of a large folio, the refcount word has the
  // references to all of it.
  struct Folios {
    const Words* words = nullptr;
    static Word<64> besides(const auto&, const auto&) { return Word<64>(0); }
    Word<64> mapcount(const auto&, const auto&) const { return words->folio_mappings; }
    Truth none_mapped_twice(const auto&, const auto&) const {
      return words->most_mapped <= Word<64>(1);
    }
    Truth maps_alone(const auto&, const auto&, const auto&) const {
      return words->own_mappings == words->folio_mappings;
    }
  };
  // Memory suffices here; who frees a page is remembered.
  struct Memory {
    std::optional<Frame> allocated;
    Truth frees{false};
    std::optional<Frame> alloc(auto&) { return allocated = Frame(); }
    void free_if(auto&, const Frame&, const Truth& unused) { frees = unused; }
  };

  static constexpr bool mutated(spec::Mutant) { return false; }
  static Frame zero_page() { return Frame(std::uint64_t{0}); }
  static Data zeros() { return {}; }
  static Word<64> one_if(const Truth& b) {
    return Word<64>(z3::ite(b.e, Word<64>(1).e, Word<64>(0).e));
  }
  static One mm_of(Place) { return One::one; }
  static One rss_key_of(Place, const Truth&, const Truth&) { return One::one; }
  static One swap_key_of(Place) { return One::one; }
};

struct Facts : spec::State<FactLogic> {
  Facts(const Words& words, const impl::RuleBits<Truth>& rule_bits);

  impl::RuleBits<Truth> rules;  // for the specification's own: these may be any rules
  const Words& words;
  static constexpr Place s = Place::here, child = Place::in_child;
  Frame f;  // the page that s maps

  const spec::Vma<FactLogic>& here() const { return vma[AreaId::here]; }
  Truth is_zero() const { return is_zero_page(*this, f); }
  // What a decision that is not asked on this path would say is nobody's business.
  static void not_asked() { current_path->assume(prove::Bool(false)); }
  static void asked_if(const Truth& b) { current_path->assume(prove::Bool(b.e)); }
  // What is assumed of the words as they were given; of the counts only where the text asked.
  std::vector<z3::expr> assumptions() const;

 private:
  void assume_words();
  std::vector<z3::expr> of_words_, of_counts_;
};

// The words of an area as the specification has them.
void set_area_flags(spec::Vma<FactLogic>& vma, const Word<32>& word);
void set_anon_vma(spec::Vma<FactLogic>& vma, const Word<8>& word);

}  // namespace cow::prove

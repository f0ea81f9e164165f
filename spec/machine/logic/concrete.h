// The logic in which the specification runs: plain values, rows in vectors, counts as numbers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "cow/ids.h"
#include "logic/folios.h"
#include "logic/layout.h"
#include "spec/mutants.h"

namespace cow::spec {

// Rows by small number. Reading past the end shows an empty row; writing makes it.
template <class Key, class Row> class DenseTable {
 public:
  explicit DenseTable(const char*) {}
  Row& operator[](Key key) {
    const std::size_t i = static_cast<std::size_t>(key);
    if (i >= rows_.size()) rows_.resize(i + 1);
    touched_.push_back(key);
    return rows_[i];
  }
  const Row& operator[](Key key) const {
    static const Row empty{};
    const std::size_t i = static_cast<std::size_t>(key);
    return i < rows_.size() ? rows_[i] : empty;
  }
  void copy(Key from, Key to) { (*this)[to] = Row((*this)[from]); }
  std::size_t size() const { return rows_.size(); }
  Key append(Row row) {
    rows_.push_back(row);
    return static_cast<Key>(rows_.size() - 1);
  }
  // Keys reached for writing since the last forget(), repetitions included.
  const std::vector<Key>& touched() const { return touched_; }
  void forget() { touched_.clear(); }

 private:
  std::vector<Row> rows_;
  std::vector<Key> touched_;
};

// Rows by page of a region or an object: chunks of 16, made when first written.
template <class Row> class SparseRows {
 public:
  static constexpr std::uint32_t kChunk = 16;
  SparseRows() = default;
  SparseRows(const SparseRows& other) {
    chunks_.reserve(other.chunks_.size());
    for (const auto& c : other.chunks_)
      chunks_.push_back(c ? std::make_unique<Chunk>(*c) : nullptr);
  }
  SparseRows(SparseRows&&) noexcept = default;
  SparseRows& operator=(SparseRows other) {
    chunks_.swap(other.chunks_);
    return *this;
  }
  ~SparseRows() = default;
  Row& operator[](std::uint32_t page) {
    const std::uint32_t c = page / kChunk;
    if (c >= chunks_.size()) chunks_.resize(c + 1);
    if (!chunks_[c]) chunks_[c] = std::make_unique<Chunk>();
    return (*chunks_[c])[page % kChunk];
  }
  const Row* find(std::uint32_t page) const {
    const std::uint32_t c = page / kChunk;
    return c < chunks_.size() && chunks_[c] ? &(*chunks_[c])[page % kChunk] : nullptr;
  }
  // f(page, row) for every row that exists in first .. last.
  template <class F> void for_each(std::uint32_t first, std::uint32_t last, F f) const {
    for (std::uint32_t c = first / kChunk; c < chunks_.size() && c <= last / kChunk; ++c) {
      if (!chunks_[c]) continue;
      for (std::uint32_t i = 0; i < kChunk; ++i)
        if (const std::uint32_t page = c * kChunk + i; page >= first && page <= last)
          f(page, (*chunks_[c])[i]);
    }
  }

 private:
  using Chunk = std::array<Row, kChunk>;
  std::vector<std::unique_ptr<Chunk>> chunks_;
};

// Rows by pair of small number and page. Key is Slot (process, region, page) or BlockId.
template <class Key, class Row> class PageTable {
 public:
  explicit PageTable(const char*) {}
  PageTable(const PageTable& other) : groups_(other.groups_) {
    all_.reserve(other.all_.size());
    for (const auto& [key, row] : other.all_) all_.emplace_back(key, find(key)->find(key.page));
  }
  PageTable(PageTable&&) noexcept = default;
  PageTable& operator=(PageTable other) {
    groups_.swap(other.groups_);
    all_.swap(other.all_);
    touched_.swap(other.touched_);
    return *this;
  }
  ~PageTable() = default;
  Row& operator[](const Key& key) {
    touched_.push_back(key);
    SparseRows<Row>& group = rows(key);
    if (!group.find(key.page)) list_chunk(group, key);
    return group[key.page];
  }
  // Every row that was ever written, with its neighbours.
  const std::vector<std::pair<Key, const Row*>>& all() const { return all_; }
  const Row& operator[](const Key& key) const {
    static const Row empty{};
    const SparseRows<Row>* group = find(key);
    const Row* row = group ? group->find(key.page) : nullptr;
    return row ? *row : empty;
  }
  template <class F> void for_each(const Key& first, std::uint32_t last, F f) const {
    const SparseRows<Row>* group = find(first);
    if (!group) return;
    group->for_each(first.page, last, [&](std::uint32_t page, const Row& row) {
      Key key = first;
      key.page = page;
      f(key, row);
    });
  }
  const std::vector<Key>& touched() const { return touched_; }
  void forget() { touched_.clear(); }

 private:
  static std::size_t outer(const BlockId& b) { return b.object; }
  static std::size_t outer(const Slot& s) { return index(s.process); }
  static std::size_t inner(const BlockId&) { return 0; }
  static std::size_t inner(const Slot& s) { return index(s.region); }
  const SparseRows<Row>* find(const Key& key) const {
    const std::size_t i = outer(key), j = inner(key);
    return i < groups_.size() && j < groups_[i].size() ? &groups_[i][j] : nullptr;
  }
  SparseRows<Row>& rows(const Key& key) {
    const std::size_t i = outer(key), j = inner(key);
    if (i >= groups_.size()) groups_.resize(i + 1);
    if (j >= groups_[i].size()) groups_[i].resize(j + 1);
    return groups_[i][j];
  }
  void list_chunk(SparseRows<Row>& group, Key key) {
    const std::uint32_t first = key.page - key.page % SparseRows<Row>::kChunk;
    for (std::uint32_t i = 0; i < SparseRows<Row>::kChunk; ++i) {
      key.page = first + i;
      all_.emplace_back(key, &group[key.page]);
    }
  }
  std::vector<std::vector<SparseRows<Row>>> groups_;
  std::vector<std::pair<Key, const Row*>> all_;
  std::vector<Key> touched_;
};

// How many members an owner has; and owners that have joined a group have together.
template <class Member, class Owner> class Counter {
 public:
  explicit Counter(const char*) {}
  void add(const Member&, Owner o) { ++at(o), ++group(o); }
  void remove(const Member&, Owner o) { --at(o), --group(o); }
  void join(Owner o, std::uint32_t group) {
    const std::size_t i = static_cast<std::size_t>(o);
    if (i >= group_of_.size()) group_of_.resize(i + 1);
    if (group >= groups_.size()) groups_.resize(std::size_t{group} + 1);
    groups_[group_of_[i]] -= count(o);
    group_of_[i] = group;
    groups_[group] += count(o);
  }
  void leave(Owner o) { join(o, 0); }
  std::uint64_t together(std::uint32_t group) const {
    return group < groups_.size() ? groups_[group] : 0;
  }
  std::uint64_t count(Owner o) const {
    const std::size_t i = static_cast<std::size_t>(o);
    return i < counts_.size() ? counts_[i] : 0;
  }
  const std::vector<Owner>& touched() const { return touched_; }
  void forget() { touched_.clear(); }

 private:
  std::uint64_t& at(Owner o) {
    const std::size_t i = static_cast<std::size_t>(o);
    if (i >= counts_.size()) counts_.resize(i + 1);
    touched_.push_back(o);
    return counts_[i];
  }
  std::uint64_t& group(Owner o) {
    const std::size_t i = static_cast<std::size_t>(o);
    return groups_[i < group_of_.size() ? group_of_[i] : 0];
  }
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint32_t> group_of_;
  std::vector<std::uint64_t> groups_ = {0};  // 0: those in none
  std::vector<Owner> touched_;
};

enum class RefId : std::uint32_t {};     // named and stray references
enum class ThreadId : std::uint32_t {};  // who is inside a fault
enum class SwapId : std::uint32_t {};    // a slot of the swap device

struct Concrete {
  using Bool = bool;
  using Slot = cow::Slot;
  using Frame = cow::Frame;
  using Ref = RefId;
  using Thread = ThreadId;
  using VmaId = spec::VmaId;
  using Mm = Pid;
  using Block = BlockId;
  using RssKey = std::size_t;
  using Swap = SwapId;
  using Data = std::array<std::uint8_t, kCells>;
  using Layout = spec::Layout;
  using Folios = spec::Folios;
  template <class T> using Field = T;
  template <class Key, class Row>
  using Table = std::conditional_t<std::is_same_v<Key, Slot> || std::is_same_v<Key, Block>,
                                   PageTable<Key, Row>, DenseTable<Key, Row>>;
  template <class Member, class Owner> using Count = Counter<Member, Owner>;

  static constexpr bool mutated(Mutant) { return false; }
  static constexpr Frame zero_page() { return Frame{0}; }
  static constexpr Data zeros() { return {}; }
  static constexpr std::uint64_t one_if(bool b) { return b ? 1 : 0; }
  template <class T> static constexpr const T& choose(bool which, const T& a, const T& b) {
    return which ? a : b;
  }
  static constexpr Pid mm_of(const Slot& s) { return s.process; }
  static constexpr RssKey rss_key_of(const Slot& s, bool anon, bool shmem) {
    return kRssKinds * std::size_t{index(s.process)} + (anon ? 0 : shmem ? 2 : 1);
  }
  static constexpr RssKey swap_key_of(const Slot& s) {
    return kRssKinds * std::size_t{index(s.process)} + 3;
  }
  static constexpr std::size_t kRssKinds = 4;
  static constexpr Data put(Data data, std::uint8_t cell, std::uint8_t byte) {
    data[cell] = byte;
    return data;
  }

  // Slots as frames: the lowest that no entry names and no page stands for.
  struct SwapDevice {
    SwapId fresh(const auto& m) const {
      SwapId e{0};
      while (m.swapped.count(e) > 0 || m.swap[e].cached)
        e = SwapId{static_cast<std::uint32_t>(e) + 1};
      return e;
    }
  };

  // Frames are handed out lowest first and again as soon as they are free. Frame 0 is the zero
  // page.
  struct Memory {
    std::uint32_t limit = kEnoughFrames, used = 0;
    std::uint32_t fail_in = 0;  // the fail_in-th allocation from here fails; 0: none
    std::uint32_t next = 1;
    std::uint32_t granted = 0;  // pages of a folio, which is one allocation
    std::vector<Frame> free;

    // Is there a folio? Then so many allocations are given from here on.
    bool has_folio(std::uint32_t pages) {
      if (fail_in != 0 && --fail_in == 0) return false;
      if (limit - used < pages) return false;
      granted = pages;
      return true;
    }

    std::optional<Frame> alloc(auto& m) {
      if (granted > 0) --granted;
      else if ((fail_in != 0 && --fail_in == 0) || used == limit) return std::nullopt;
      Frame f{next};
      if (free.empty()) {
        ++next;
      } else {
        f = free.back();
        free.pop_back();
      }
      ++used;
      m.page[f].allocated = true;
      return f;
    }
    void free_if(auto& m, Frame f, bool unused) {
      if (!unused || !m.page[f].allocated) return;
      if (!m.folio.is_large(f)) return free_page(m, f);
      for (const Frame page : m.folio.dissolve(m, f)) free_page(m, page);
    }
    void free_page(auto& m, Frame f) {
      m.page[f].allocated = false;
      free.push_back(f);
      --used;
    }
  };
};

}  // namespace cow::spec

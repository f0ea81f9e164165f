// The ideal machine runs: which pages are mapped, and the loops over them. It is told accepted
// steps only; whether a step is refused is not its business.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "logic/concrete.h"
#include "spec/ideal.h"
#include "spec/mremap.h"

namespace cow::spec {

// What is mapped, per region: attributes of runs of pages.
struct Mapping {
  bool shared = false, file = false, dontfork = false, wipeonfork = false;
  BlockId first{};  // what the region's page 0 shows
};

struct IdealLogic : Concrete {
  using Object = std::uint32_t;
  // An observed byte, and the number of the write that made it: two equal bytes may differ in that.
  struct Cell {
    std::uint8_t value = 0;
    std::uint32_t write = 0;  // 0: never written
    bool operator==(const Cell&) const = default;
  };
  using Data = std::array<Cell, kCells>;
  template <class Key, class Row>
  using Table = std::conditional_t<std::is_same_v<Key, Slot> || std::is_same_v<Key, Block>,
                                   PageTable<Key, Row>, DenseTable<Key, Row>>;
  static constexpr Data zeros() { return {}; }
  static constexpr Data put(Data data, std::uint8_t cell, Cell byte) {
    data[cell] = byte;
    return data;
  }
  static constexpr const auto& choose(bool which, const auto& a, const auto& b) {
    return which ? a : b;
  }
  struct Objects {
    std::uint32_t next = 0;
    std::uint32_t fresh(const auto&) { return next++; }
  };
  struct Scene {
    std::vector<std::vector<Runs<Mapping>>> mms;
    std::vector<std::uint8_t> object_value;

    const Mapping* find(const Slot& s) const {
      if (index(s.process) >= mms.size()) return nullptr;
      const auto& mm = mms[index(s.process)];
      return index(s.region) < mm.size() ? mm[index(s.region)].at(s.page) : nullptr;
    }
    Runs<Mapping>& region(Pid p, Region r) {
      if (index(p) >= mms.size()) mms.resize(index(p) + 1);
      if (index(r) >= mms[index(p)].size()) mms[index(p)].resize(index(r) + 1);
      return mms[index(p)][index(r)];
    }
    bool shared(const Slot& s) const { return find(s) && find(s)->shared; }
    bool file(const Slot& s) const { return find(s) && find(s)->file; }
    BlockId block(const Slot& s) const {
      const Mapping* at = find(s);
      return at ? BlockId{at->first.object, at->first.page + s.page} : BlockId{};
    }
    Data disk(const BlockId& b) const {
      Data data{};
      if (b.object < object_value.size()) data.fill({object_value[b.object], 0});
      return data;
    }
  };
};

class IdealMachine {
 public:
  explicit IdealMachine(const Setup& setup) {
    for (const FileSetup& f : setup.files) i.scene.object_value.push_back(f.value);
  }

  // A step that was not refused.
  void run(const Step& step) {
    const Slot s{step.process, step.region, step.first};
    ++steps_;
    if (!given_up_.empty()) follow_given_up(step);
    switch (step.op) {
      case Op::map: return map(step);
      case Op::fork: return fork(step.process, step.child);
      case Op::exit: return exit(step.process);
      case Op::unmap: return unmap(s, step.last);
      case Op::advise: return advise(step);
      case Op::remap: return remap(step);
      case Op::write:
      case Op::force_write: return write_page(i, s, step.cell, byte(step.value));
      case Op::pin: return name_page(i, name(step.ref), s);
      case Op::ref_write: return write_named(i, name(step.ref), step.cell, byte(step.value));
      case Op::unpin: i.naming[name(step.ref)].named = no; return;
      default: return;
    }
  }
  // The page has a frame of its own now without having been written: it stops following its file.
  void settle_page(const Slot& s) {
    if (!owns(s)) settle(i, s);
  }
  // Parts of steps that others interrupt. A copy's page is what it was when its bytes were copied.
  IdealLogic::Data shown(const Slot& s) const { return shows(i, s); }
  void become(const Slot& s, const IdealLogic::Data& data) { become_object(i, s, data); }
  void discard(const Slot& s) { discard_page(i, s); }
  void write_object(std::uint32_t o, std::uint8_t cell, std::uint8_t value) {
    ++steps_;
    i.object[o].data[cell] = byte(value);
  }
  std::uint8_t object_byte(std::uint32_t o, std::uint8_t cell) const {
    return i.object[o].data[cell].value;
  }
  bool owns(const Slot& s) const { return i.place[s].own; }
  // Given up by MADV_FREE, and not written since: the kernel may discard it at any moment.
  bool has_given_up(const Slot& s) const {
    return std::find(given_up_.begin(), given_up_.end(), s) != given_up_.end();
  }
  // The object of a page that owns(), and of a reference that names one.
  std::uint32_t object(const Slot& s) const { return i.place[s].object; }
  bool names(Ref k) const { return i.naming[name(k)].named; }
  std::uint32_t object(Ref k) const { return i.naming[name(k)].object; }
  bool is_attached(Ref k) const { return attached(i, name(k)); }
  Slot owner(Ref k) const { return spec::owner(i, name(k)); }
  IdealLogic::Cell read(const Slot& s, std::uint8_t cell) const { return shows(i, s)[cell]; }
  IdealLogic::Cell last_write() const { return last_; }

 private:
  static RefId name(Ref k) { return RefId{index(k)}; }
  IdealLogic::Cell byte(std::uint8_t v) { return last_ = {v, steps_}; }

  void map(const Step& step) {
    const bool shmem = step.backing == Backing::anon && step.share == Share::shared;
    std::uint32_t object = index(step.file);
    if (shmem) {
      object = static_cast<std::uint32_t>(i.scene.object_value.size());
      i.scene.object_value.push_back(0);
    }
    Mapping mapping{step.share == Share::shared,
                    shmem || step.backing == Backing::file,
                    false,
                    false,
                    {object, step.at}};
    i.scene.region(step.process, step.region).insert({0, step.count - 1, mapping});
  }
  // Its object ends when its page goes: discard().
  void give_up(const Slot& s) {
    if (!has_given_up(s)) given_up_.push_back(s);
  }
  // What was given up and is written, or may be, is given up no longer; fork and mremap take that
  // along.
  void follow_given_up(const Step& step) {
    const bool written = step.op == Op::write || step.op == Op::force_write ||
                         (step.op == Op::pin && step.prot == Prot::rw);
    const bool named = step.op == Op::ref_write && names(step.ref) && is_attached(step.ref);
    std::erase_if(given_up_, [&](const Slot& s) {
      return !owns(s) || (step.op == Op::fork && s.process == step.child);
    });
    const Slot at = named ? owner(step.ref) : Slot{step.process, step.region, step.first};
    if (written || named) std::erase(given_up_, at);
    for (std::size_t n = given_up_.size(), k = 0; k < n; ++k) {
      const Slot s = given_up_[k];
      if (s.process != step.process) continue;
      if (step.op == Op::fork) given_up_.push_back({step.child, s.region, s.page});
      const bool moves = step.op == Op::remap && s.region == step.region && step.first <= s.page &&
                         s.page <= step.last;
      if (moves) given_up_[k] = {s.process, step.to, s.page - step.first};
    }
  }
  void for_owned(const Slot& first, std::uint32_t last, auto f) {
    std::vector<Slot> owned;
    i.place.for_each(first, last, [&](const Slot& s, const auto& place) {
      if (place.own) owned.push_back(s);
    });
    for (const Slot& s : owned) f(s);
  }
  void unmap(const Slot& first, std::uint32_t last) {
    for_owned(first, last, [&](const Slot& s) { discard_page(i, s); });
    i.scene.region(first.process, first.region).erase(first.page, last, std::identity{});
  }
  void exit(Pid p) {
    if (index(p) >= i.scene.mms.size()) return;
    for (std::uint32_t r = 0; r < i.scene.mms[index(p)].size(); ++r)
      unmap({p, Region{r}, 0}, kMaxPages);
    i.scene.mms[index(p)].clear();
  }
  void advise(const Step& step) {
    const Slot first{step.process, step.region, step.first};
    if (step.advice == Advice::dontneed)
      return for_owned(first, step.last, [&](const Slot& s) { discard_page(i, s); });
    if (step.advice == Advice::free)
      return for_owned(first, step.last, [&](const Slot& s) { give_up(s); });
    const bool of_fork = step.advice == Advice::dontfork || step.advice == Advice::dofork ||
                         step.advice == Advice::wipeonfork || step.advice == Advice::keeponfork;
    if (!of_fork) return;  // no program sees it
    auto& runs = i.scene.region(step.process, step.region);
    for (std::uint64_t page = step.first; page <= step.last;) {
      auto run = runs.all()[runs.find(static_cast<std::uint32_t>(page))];
      run.first = static_cast<std::uint32_t>(page);
      run.last = std::min(run.last, step.last);
      page = std::uint64_t{run.last} + 1;
      if (step.advice == Advice::dontfork || step.advice == Advice::dofork)
        run.value.dontfork = step.advice == Advice::dontfork;
      else run.value.wipeonfork = step.advice == Advice::wipeonfork;
      runs.erase(run.first, run.last, std::identity{});
      runs.insert(run);
    }
  }
  void remap(const Step& step) {
    auto& to = i.scene.region(step.process, step.to);
    auto& from = i.scene.region(step.process, step.region);
    for (auto run : from.all()) {
      run.first = std::max(run.first, step.first);
      run.last = std::min(run.last, step.last);
      if (run.first > run.last) continue;
      run.value.first.page += step.first;  // what the new page 0 shows
      to.insert({run.first - step.first, run.last - step.first, run.value});
    }
    for_owned({step.process, step.region, step.first}, step.last, [&](const Slot& s) {
      move_page(i, s, Slot{step.process, step.to, s.page - step.first});
    });
    from.erase(step.first, step.last, std::identity{});
  }
  void fork(Pid p, Pid child) {
    const std::size_t regions = index(p) < i.scene.mms.size() ? i.scene.mms[index(p)].size() : 0;
    for (std::uint32_t r = 0; r < regions; ++r) {
      const auto runs = i.scene.region(p, Region{r}).all();
      for (const auto& run : runs) {
        if (run.value.dontfork) continue;
        i.scene.region(child, Region{r}).insert(run);
        if (run.value.wipeonfork) continue;
        for_owned({p, Region{r}, run.first}, run.last, [&](const Slot& s) {
          const Slot to{child, s.region, s.page};
          if (!owns(to)) fork_page(i, s, to);  // else it was copied early
        });
      }
    }
  }
  Ideal<IdealLogic> i;
  std::uint32_t steps_ = 0;
  IdealLogic::Cell last_{};
  std::vector<Slot> given_up_;
};

}  // namespace cow::spec

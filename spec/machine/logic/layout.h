// Where areas lie: which Vma a page belongs to, and which page of which object it shows.
#pragma once

#include <array>
#include <vector>

#include "cow/step.h"
#include "logic/runs.h"

namespace cow::spec {

// A page of an object: of a declared file, or of one mapping's shared anonymous memory.
struct BlockId {
  std::uint32_t object = 0, page = 0;
  bool operator==(const BlockId&) const = default;
};

enum class VmaId : std::uint32_t {};

// Of hugetlb memory. owner: huge pages were set aside for this mapping (HPAGE_RESV_OWNER); lost:
// the owner has taken one that was mapped here (HPAGE_RESV_UNMAPPED).
struct HugetlbLayout {
  bool on = false, owner = false, lost = false;
};

struct RegionLayout {
  std::uint32_t pages = 0;  // 0: there is no region of that name
  std::uint32_t object = 0, at = 0;
  Runs<VmaId> areas;
  HugetlbLayout hugetlb;
};

class Layout {
 public:
  RegionLayout& region(Pid p, Region r) {
    if (index(p) >= mms_.size()) mms_.resize(index(p) + 1);
    auto& mm = mms_[index(p)];
    if (index(r) >= mm.size()) mm.resize(index(r) + 1);
    return mm[index(r)];
  }
  const RegionLayout* find(Pid p, Region r) const {
    if (index(p) >= mms_.size() || index(r) >= mms_[index(p)].size()) return nullptr;
    return &mms_[index(p)][index(r)];
  }
  std::vector<RegionLayout>& regions(Pid p) {
    if (index(p) >= mms_.size()) mms_.resize(index(p) + 1);
    return mms_[index(p)];
  }

  // Where nothing is mapped: an id that no row has.
  VmaId of(const Slot& s) const {
    const RegionLayout* r = find(s.process, s.region);
    const VmaId* v = r ? r->areas.at(s.page) : nullptr;
    return v ? *v : VmaId{0xffffffff};
  }
  BlockId block(const Slot& s) const {
    const RegionLayout& r = *find(s.process, s.region);
    return {r.object, r.at + s.page};
  }
  bool past_end(const Slot& s) const {
    const BlockId b = block(s);
    return b.page >= object_pages[b.object];
  }

  // What an untouched page of the object holds.
  std::array<std::uint8_t, kCells> disk(const BlockId& b) const {
    std::array<std::uint8_t, kCells> data;
    data.fill(object_value[b.object]);
    return data;
  }

  bool has_hugetlb = false;                 // there was some
  std::vector<std::uint32_t> object_pages;  // length of each object
  std::vector<std::uint8_t> object_value;   // what each cell of it holds at first
  std::vector<std::uint64_t> object_users;  // pages of areas that show it, over all processes

 private:
  std::vector<std::vector<RegionLayout>> mms_;
};

}  // namespace cow::spec

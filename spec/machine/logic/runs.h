// Attributes of page ranges: a map from pages to values, kept as runs in ascending order.
#pragma once

#include <cstdint>
#include <vector>

namespace cow::spec {

template <class T> class Runs {
 public:
  struct Run {
    std::uint32_t first, last;  // pages, both included
    T value;
  };

  // The index of the run that covers the page; the number of runs where none does.
  std::size_t find(std::uint32_t page) const {
    for (std::size_t i = 0; i < runs_.size(); ++i)
      if (runs_[i].first <= page && page <= runs_[i].last) return i;
    return runs_.size();
  }
  const T* at(std::uint32_t page) const {
    const std::size_t i = find(page);
    return i < runs_.size() ? &runs_[i].value : nullptr;
  }
  bool covers(std::uint32_t first, std::uint32_t last) const {
    std::uint64_t next = first;
    for (const Run& r : runs_)
      if (r.first <= next && next <= r.last) next = std::uint64_t{r.last} + 1;
    return next > last;
  }
  // Takes the pages out of whatever run holds them; `split(value)` gives the right part its value.
  template <class Split> void erase(std::uint32_t first, std::uint32_t last, Split split) {
    std::vector<Run> left;
    left.reserve(runs_.size() + 1);
    for (const Run& r : runs_) {
      const bool before = r.first<first, after = r.last> last;
      if (r.last < first || r.first > last) {
        left.push_back(r);
        continue;
      }
      if (before) left.push_back({r.first, first - 1, r.value});
      if (after) left.push_back({last + 1, r.last, before ? split(r.value) : r.value});
    }
    runs_.swap(left);
  }
  void insert(const Run& run) {
    auto at = runs_.begin();
    while (at != runs_.end() && at->first < run.first) ++at;
    runs_.insert(at, run);
  }
  std::vector<Run>& all() { return runs_; }
  const std::vector<Run>& all() const { return runs_; }

 private:
  std::vector<Run> runs_;
};

}  // namespace cow::spec

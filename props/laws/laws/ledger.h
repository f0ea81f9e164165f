// What the steps alone say of areas and references, kept by the laws themselves: neither machine is
// asked for what a law holds it to.
#pragma once

#include <cstdint>
#include <vector>

#include "cow/outcome.h"
#include "laws/scene.h"

namespace cow::laws {

// What is known of a page's place.
struct Ground {
  bool mapped = false;
  bool shared = false, file = false;  // file: of a declared file; else anonymous memory
  Prot prot = Prot::rw;
  bool dontfork = false, wipeonfork = false, locked = false;
  bool mergeable = false;
  bool marked = false;     // write-protected by userfaultfd
  bool discarded = false;  // by dontneed, and not written since
};

struct Taken {  // a reference by name
  bool live = false, pin = false, write = false, longterm = false;
  bool shared = false;  // taken on a shared mapping
  Slot owner;
};

class Ledger {
 public:
  void start(const Bounds& bounds);
  // After the step; `before` and `after` are what the machine showed.
  void note(const Step& step, const Result& result, const Scene& before);

  [[nodiscard]] const Ground& ground(const Slot& s) const {
    static const Ground nothing{};
    return inside(s) ? grounds_[place(s)] : nothing;
  }
  [[nodiscard]] const Taken& taken(Ref k) const { return refs_[index(k)]; }
  [[nodiscard]] const std::vector<Taken>& refs() const { return refs_; }
  // Stray references that are held on a frame.
  [[nodiscard]] std::uint32_t strays(Frame f) const;
  // References that are held on a frame, by name, and stray ones; 1024 for each pin.
  [[nodiscard]] std::uint64_t held(const Scene& scene, Frame f) const;
  // Whether any page was ever swapped out.
  [[nodiscard]] bool has_swapped() const { return has_swapped_; }
  // Whether the process has tried FOLL_PIN.
  [[nodiscard]] bool has_pinned(Pid p) const { return has_pinned_[index(p)]; }
  // Whether an anonymous page was ever asked for in that region, or where its pages were before, by
  // this process or one before it.
  [[nodiscard]] bool asked(Pid p, Region r) const {
    return asked_[index(p) * bounds_.regions + index(r)];
  }

 private:
  [[nodiscard]] bool inside(const Slot& s) const {
    return index(s.process) < bounds_.processes && index(s.region) < bounds_.regions &&
           s.page < bounds_.pages;
  }
  [[nodiscard]] std::size_t place(const Slot& s) const {
    return (std::size_t{index(s.process)} * bounds_.regions + index(s.region)) * bounds_.pages +
           s.page;
  }
  template <class F> void in_range(const Step& step, F f);
  void attempt(const Step& step);
  void map(const Step& step);
  void fork(const Step& step);
  void exit(Pid p);
  void advise(const Step& step);
  void remap(const Step& step);
  void mark(const Step& step, const Scene& before);

  struct Stray {
    Slot at;
    Frame frame;
  };
  Bounds bounds_;
  std::vector<Ground> grounds_;
  std::vector<bool> asked_;
  std::vector<bool> has_pinned_;
  std::vector<Taken> refs_;
  std::vector<Stray> strays_;
  bool has_swapped_ = false;
};

}  // namespace cow::laws

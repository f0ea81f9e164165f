#include <algorithm>
#include <map>
#include <utility>

#include "interleave/search.h"

namespace cow::interleave {
namespace {

// No thread of a process takes steps in two columns.
bool parts_threads(const Program& program) {
  std::map<std::pair<Pid, std::uint32_t>, std::size_t> column_of;
  for (std::size_t c = 0; c < program.columns.size(); ++c)
    for (const Step& s : program.columns[c])
      if (s.op < Op::ref_read &&
          column_of.emplace(std::pair(s.process, s.thread), c).first->second != c)
        return false;
  return true;
}

class Shrinking {
 public:
  Shrinking(Program failing, const Fails& fails) : best_(std::move(failing)), fails_(fails) {}

  Program run() {
    while (leave_out_columns() || leave_out_steps() || simplify()) {
    }
    return std::move(best_);
  }

 private:
  bool accept(Program candidate) {
    if (candidate == best_ || !parts_threads(candidate) || !fails_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }
  bool leave_out_columns() {
    for (std::size_t c = 0; best_.columns.size() > 1 && c < best_.columns.size(); ++c) {
      Program candidate = best_;
      candidate.columns.erase(candidate.columns.begin() + static_cast<std::ptrdiff_t>(c));
      if (accept(std::move(candidate))) return true;
    }
    return false;
  }
  // A column keeps its last step: without it, it is left out as a whole.
  bool leave_out_steps() {
    bool any = false;
    for (std::size_t part = 0; part <= best_.columns.size(); ++part)
      for (std::size_t i = steps(best_, part).size(); i-- > 0;) {
        if (part != 0 && steps(best_, part).size() == 1) break;
        Program candidate = best_;
        auto& some = steps(candidate, part);
        some.erase(some.begin() + static_cast<std::ptrdiff_t>(i));
        any |= accept(std::move(candidate));
      }
    return any;
  }
  bool simplify() {
    bool any = false;
    Program candidate = best_;
    candidate.setup.frames = kEnoughFrames;
    any |= accept(std::move(candidate));
    for (std::size_t part = 0; part <= best_.columns.size(); ++part)
      for (std::size_t i = 0; i < steps(best_, part).size(); ++i) any |= simplify(part, i);
    return any;
  }
  bool simplify(std::size_t part, std::size_t i) {
    bool any = false;
    const auto become = [&](auto change) {
      Program candidate = best_;
      change(steps(candidate, part)[i]);
      any |= accept(std::move(candidate));
    };
    become([](Step& s) { s.thread = 0; });
    become([](Step& s) { s.cell = 0; });
    become([](Step& s) { s.last = s.first; });
    become([](Step& s) { s.count = std::min(s.count, 1u); });
    become([](Step& s) { s.value = std::min<std::uint8_t>(s.value, 1); });
    become([](Step& s) { s.fast = false; });
    become([](Step& s) { s.share = Share::private_; });
    return any;
  }
  // 0: those before the columns.
  static std::vector<Step>& steps(Program& program, std::size_t part) {
    return part == 0 ? program.before : program.columns[part - 1];
  }

  Program best_;
  const Fails& fails_;
};

}  // namespace

Program shrink(Program failing, const Fails& fails) {
  return Shrinking(std::move(failing), fails).run();
}

}  // namespace cow::interleave

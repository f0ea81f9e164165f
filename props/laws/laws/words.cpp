// Words to steps.
#include "laws/words.h"

#include <algorithm>

namespace cow::laws {
namespace {

constexpr std::uint32_t kRefs = 6;
constexpr std::uint32_t kFiles = 2;
// Where steps on huge pages begin and end: at their edges, and in the middle.
constexpr std::uint32_t kHuge = 512;
constexpr std::array<std::uint32_t, 8> kBegins = {0, 0, 0, 1, 511, 512, 512, 700};
constexpr std::array<std::uint32_t, 8> kEnds = {511, 511, 1023, 1023, 255, 0, 1, 700};

}  // namespace

struct Decoder::Word {
  std::uint64_t bits;
  [[nodiscard]] std::uint32_t byte(unsigned i) const {
    return static_cast<std::uint32_t>(bits >> (8 * i)) & 0xff;
  }
  [[nodiscard]] std::uint32_t op() const { return byte(0); }
  [[nodiscard]] std::uint32_t process() const { return byte(1); }
  [[nodiscard]] std::uint32_t region() const { return byte(2); }
  [[nodiscard]] std::uint32_t page() const { return byte(3); }
  [[nodiscard]] std::uint32_t length() const { return byte(4); }
  [[nodiscard]] std::uint32_t value() const { return byte(5); }
  [[nodiscard]] std::uint32_t flags() const { return byte(6); }
  [[nodiscard]] std::uint32_t cell() const { return byte(7); }
};

Decoder::Decoder(const Profile& profile) : profile_(profile) {
  std::uint32_t total = 0;
  for (const std::uint8_t w : profile.weights) total += w;
  std::uint32_t upto = 0, next = 0;
  for (std::size_t c = 0; c < kChoices; ++c) {
    upto += profile.weights[c];
    for (; next < 256 && next * total < upto * 256; ++next) table_[next] = static_cast<Choice>(c);
  }
}

void Decoder::decode(const Words& words, std::size_t size, Case& out) {
  processes_ = {};
  processes_[0].alive = true;
  alive_ = 1;
  refs_.clear();
  out.steps.clear();
  setup(words.empty() ? 0 : words[0], out.setup);
  for (std::size_t i = 1; i < words.size() && out.steps.size() < size; ++i)
    one(Word{words[i]}, out.steps);
  if (out.steps.size() > size) out.steps.resize(size);
}

void Decoder::setup(std::uint64_t word, Setup& out) const {
  const Word w{word};
  out.files.clear();
  if (profile_.files) out.files = {{3, 7}, {1, 0}};
  out.frames = profile_.few_frames && w.op() % 2 == 1 ? 1 + w.process() % 12 : kEnoughFrames;
  if (profile_.huge && w.op() % 4 == 1) out.frames = kHuge + 8 * w.process();
  if (profile_.hugetlb && w.op() % 2 == 1) out.frames = kHuge * (1 + w.process() % 4);
}

Pid Decoder::process(const Word& word) const {
  std::uint32_t k = word.process() % alive_;
  for (std::uint32_t p = 0;; ++p)
    if (processes_[p].alive && k-- == 0) return Pid{p};
}

std::uint32_t Decoder::lowest_dead() const {
  for (std::uint32_t p = 0; p < profile_.processes; ++p)
    if (!processes_[p].alive) return p;
  return profile_.processes;
}

// One page: of the k-th region that has pages, its j-th. Half the time the first page, so that
// steps meet.
Step Decoder::place(Op op, const Word& word, Pid p) const {
  const Process& process = processes_[index(p)];
  Step step;
  step.op = op;
  step.process = p;
  std::uint32_t k = word.region() % process.mapped, r = 0;
  for (;; ++r)
    if (process.areas[r].pages > 0 && k-- == 0) break;
  step.region = Region{r};
  const std::uint32_t pages = process.areas[r].pages;
  step.first = word.page() < 128 ? 0 : word.page() % pages;
  if (profile_.huge) step.first = kBegins[word.page() % kBegins.size()] % pages;
  step.last = step.first;
  return step;
}

Step Decoder::range(Op op, const Word& word, Pid p) const {
  Step step = place(op, word, p);
  const std::uint32_t pages = processes_[index(p)].areas[index(step.region)].pages;
  if (profile_.huge) step.last = std::max(step.first, kEnds[word.length() % kEnds.size()] % pages);
  else if (word.length() >= 64) step.last += word.length() % (pages - step.first);
  return step;
}

void Decoder::one(const Word& word, std::vector<Step>& out) {
  const Choice choice = table_[word.op()];
  if (choice == Choice::wild) return wild(word, out);
  const Pid p = process(word);
  if (choice == Choice::fork && processes_[index(p)].mapped > 0) return fork(p, out);
  if (choice == Choice::exit && alive_ > 1) return exit(p, out);
  if (choice >= Choice::pin && choice <= Choice::unpin) return on_reference(choice, word, p, out);
  if (choice == Choice::map || processes_[index(p)].mapped == 0) return map(word, p, out);
  on_page(choice, word, p, out);
}

void Decoder::on_page(Choice choice, const Word& word, Pid p, std::vector<Step>& out) {
  const auto access = [&](Op op) {
    Step step = place(op, word, p);
    step.cell = static_cast<std::uint8_t>(word.cell() < 192 ? 0 : word.cell() % kCells);
    if (op == Op::write || op == Op::force_write)
      step.value = static_cast<std::uint8_t>(1 + word.value() % 255);
    out.push_back(step);
  };
  switch (choice) {
    case Choice::read: return access(Op::read);
    case Choice::force_read: return access(Op::force_read);
    case Choice::force_write: return access(Op::force_write);
    case Choice::exit:
    case Choice::unmap: return unmap(word, p, out);
    case Choice::dontneed: out.push_back(range(Op::advise, word, p)); return;
    case Choice::protect:
    case Choice::protect_back: return protect(word, p, choice == Choice::protect_back, out);
    case Choice::sys_ref: out.push_back(place(Op::sys_ref, word, p)); return;
    case Choice::sys_unref: out.push_back(place(Op::sys_unref, word, p)); return;
    case Choice::clear_refs: out.push_back({.op = Op::sys_clear_refs, .process = p}); return;
    case Choice::advise_fork:
    case Choice::advise_pages: return advise(choice, word, p, out);
    case Choice::fail_alloc:
    case Choice::fail_table:
      out.push_back({.op = choice == Choice::fail_alloc ? Op::sys_fail_alloc : Op::sys_fail_table,
                     .count = 1 + word.length() % 3});
      return;
    case Choice::fail_and_retry: return retry(word, p, out);
    case Choice::remap: return remap(word, p, out);
    case Choice::lock: out.push_back(range(Op::lock, word, p)); return;
    case Choice::unlock: out.push_back(range(Op::unlock, word, p)); return;
    case Choice::uffd_wp: return protect_by_uffd(word, p, out);
    case Choice::swapout: out.push_back(place(Op::sys_swapout, word, p)); return;
    case Choice::migrate: out.push_back(place(Op::sys_migrate, word, p)); return;
    case Choice::ksm: return merge(word, p, out);
    case Choice::give_up: return give_up(word, p, out);
    default: return access(Op::write);
  }
}

void Decoder::map(const Word& word, Pid p, std::vector<Step>& out) {
  Process& process = processes_[index(p)];
  std::uint32_t r = 0;
  while (r < profile_.regions && process.areas[r].pages > 0) ++r;
  if (r == profile_.regions) return unmap(word, p, out);
  Step step{.op = Op::map, .process = p, .region = Region{r}};
  step.count = 1 + word.length() % profile_.pages;
  if (profile_.huge) {
    step.count = kHuge * (1 + word.length() % 2);
    step.hugetlb = profile_.hugetlb && word.cell() % 8 != 7;
    step.huge = !step.hugetlb && word.cell() % 4 != 3;
  }
  if (profile_.files) {
    const std::uint32_t sort = word.flags() % 8;
    step.backing = sort >= 3 && sort != 5 ? Backing::file : Backing::anon;
    step.share = sort == 3 || sort == 5 ? Share::shared : Share::private_;
    if (step.backing == Backing::file) {
      step.file = File{word.value() % 4 == 3 ? 1u : 0u};
      step.at = word.cell() % 4 == 3 ? 1 : 0;
    }
  }
  if (word.flags() >= 240) step.prot = word.flags() >= 252 ? Prot::none : Prot::ro;
  process.areas[r] = {step.count, 0};
  ++process.mapped;
  out.push_back(step);
}

void Decoder::unmap(const Word& word, Pid p, std::vector<Step>& out) {
  const Step step = range(Op::unmap, word, p);
  take_away(step);
  out.push_back(step);
}

// To a name without pages, old or new; one in sixteen to a name that may have some.
void Decoder::remap(const Word& word, Pid p, std::vector<Step>& out) {
  Step step = range(Op::remap, word, p);
  Process& process = processes_[index(p)];
  std::uint32_t to = word.flags() >= 240 ? word.value() % profile_.regions : 0;
  while (word.flags() < 240 && to < profile_.regions && process.areas[to].pages > 0) ++to;
  if (to == profile_.regions) return unmap(word, p, out);
  step.to = Region{to};
  out.push_back(step);
  const std::uint32_t pages = step.last - step.first + 1;
  if (process.areas[to].pages > 0 || any_gone(process.areas[index(step.region)], step)) return;
  take_away(step);
  process.areas[to] = {pages, 0};
  ++process.mapped;
}

bool Decoder::any_gone(const Area& area, const Step& step) {
  if (area.pages > kFew) return false;  // not remembered
  const std::uint32_t pages = step.last - step.first + 1;
  return (area.gone & ((std::uint64_t{1} << pages) - 1) << step.first) != 0;
}

// A region of which every page may be gone counts as one without pages: its name is mapped anew. Of
// many pages only that all went at once is remembered.
void Decoder::take_away(const Step& step) {
  Process& process = processes_[index(step.process)];
  Area& area = process.areas[index(step.region)];
  if (area.pages > kFew && step.last - step.first + 1 < area.pages) return;
  for (std::uint32_t page = step.first; area.pages <= kFew && page <= step.last; ++page)
    area.gone |= std::uint64_t{1} << page;
  if (area.pages <= kFew && area.gone != (std::uint64_t{1} << area.pages) - 1) return;
  area = {};
  --process.mapped;
}

void Decoder::fork(Pid p, std::vector<Step>& out) {
  const std::uint32_t child = lowest_dead();
  if (child == profile_.processes) {
    const Pid last{profile_.processes - 1};
    return exit(last, out);
  }
  processes_[child] = processes_[index(p)];
  ++alive_;
  out.push_back({.op = Op::fork, .process = p, .child = Pid{child}});
}

void Decoder::exit(Pid p, std::vector<Step>& out) {
  processes_[index(p)] = {};
  --alive_;
  out.push_back({.op = Op::exit, .process = p});
}

void Decoder::protect(const Word& word, Pid p, bool back, std::vector<Step>& out) const {
  Step step = range(Op::protect, word, p);
  const std::uint32_t sort = word.flags() % 8;
  step.prot = back || sort < 3 ? Prot::ro : sort < 7 ? Prot::rw : Prot::none;
  out.push_back(step);
  if (!back) return;
  step.prot = Prot::rw;
  out.push_back(step);
}

void Decoder::advise(Choice choice, const Word& word, Pid p, std::vector<Step>& out) const {
  constexpr std::array kFork = {Advice::dontfork, Advice::dofork, Advice::wipeonfork,
                                Advice::keeponfork};
  constexpr std::array kPages = {Advice::pageout, Advice::mergeable, Advice::unmergeable};
  constexpr std::array kHugePages = {Advice::pageout, Advice::hugepage, Advice::nohugepage,
                                     Advice::collapse};
  Step step = range(Op::advise, word, p);
  step.advice = choice == Choice::advise_fork ? kFork[word.flags() % kFork.size()]
                : profile_.huge               ? kHugePages[word.flags() % kHugePages.size()]
                                              : kPages[word.flags() % kPages.size()];
  out.push_back(step);
}

void Decoder::give_up(const Word& word, Pid p, std::vector<Step>& out) const {
  Step step = range(Op::advise, word, p);
  step.advice = Advice::free;
  out.push_back(step);
}

// One time in four it is lifted, in four more it is set and lifted.
void Decoder::protect_by_uffd(const Word& word, Pid p, std::vector<Step>& out) const {
  Step step = range(Op::uffd_wp, word, p);
  step.on = word.flags() % 4 != 3;
  out.push_back(step);
  if (word.flags() % 4 != 2) return;
  step.on = false;
  out.push_back(step);
}

// Three times in four of two pages to which one byte was written last: they are often equal. One
// time in four the first one's memory is mergeable for as long.
void Decoder::merge(const Word& word, Pid p, std::vector<Step>& out) const {
  const Word other{word.bits >> 24};
  const Pid q = process(other);
  if (processes_[index(q)].mapped == 0) return;
  Step step = place(Op::sys_ksm, word, p);
  const Step there = place(Op::write, other, q);
  step.child = q;
  step.to = there.region;
  step.at = there.first;
  for (const Step& page : {step, there}) {
    if (word.flags() % 4 == 3) break;
    Step write = there;
    write.process = page.process;
    write.region = page.region;
    write.first = write.last = page.first;
    write.value = static_cast<std::uint8_t>(1 + word.value() % 255);
    out.push_back(write);
  }
  const bool advised = word.cell() >= 192;
  Step advice = place(Op::advise, word, p);
  advice.advice = Advice::mergeable;
  if (advised) out.push_back(advice);
  out.push_back(step);
  advice.advice = Advice::unmergeable;
  if (advised) out.push_back(advice);
}

void Decoder::retry(const Word& word, Pid p, std::vector<Step>& out) {
  out.push_back({.op = Op::sys_fail_alloc, .count = word.length() >= 192 ? 2u : 1u});
  const std::size_t at = out.size();
  if (word.flags() % 8 < 4) on_page(Choice::write, word, p, out);
  else if (word.flags() % 8 < 5) on_page(Choice::read, word, p, out);
  else if (lowest_dead() == profile_.processes) return on_page(Choice::write, word, p, out);
  else fork(p, out);
  const Step again = out[at];
  out.push_back(again);
}

void Decoder::on_reference(Choice choice, const Word& word, Pid p, std::vector<Step>& out) {
  if (choice == Choice::pin || refs_.empty()) {
    if (processes_[index(p)].mapped == 0) return map(word, p, out);
    if (choice == Choice::pin && refs_.size() < kRefs) return pin(word, p, out);
    if (refs_.empty()) return on_page(Choice::write, word, p, out);
  }
  const std::size_t k = word.length() % refs_.size();
  Step step{.op = Op::unpin, .ref = refs_[k]};
  if (choice == Choice::ref_read) step.op = Op::ref_read;
  if (choice == Choice::ref_write) step.op = Op::ref_write;
  if (step.op != Op::unpin)
    step.cell = static_cast<std::uint8_t>(word.cell() < 192 ? 0 : word.cell() % kCells);
  if (step.op == Op::ref_write) step.value = static_cast<std::uint8_t>(1 + word.value() % 255);
  if (step.op == Op::unpin) refs_.erase(refs_.begin() + static_cast<std::ptrdiff_t>(k));
  out.push_back(step);
}

void Decoder::pin(const Word& word, Pid p, std::vector<Step>& out) {
  Step step = place(Op::pin, word, p);
  std::uint32_t name = 0;
  while (std::find(refs_.begin(), refs_.end(), Ref{name}) != refs_.end()) ++name;
  step.ref = Ref{name};
  const std::uint32_t f = word.flags();
  step.prot = f & 1 ? Prot::rw : Prot::ro;
  step.foll_pin = !(f & 2);
  step.longterm = f & 4;
  step.fast = f & 8;
  const bool get_allowed = step.prot == Prot::rw ? profile_.gets_rw : profile_.gets_ro;
  if (!step.foll_pin && !get_allowed) step.foll_pin = true;
  if (step.foll_pin && !profile_.pins) {
    step.foll_pin = false;
    if (!profile_.gets_rw) step.prot = Prot::ro;
  }
  refs_.push_back(step.ref);
  out.push_back(step);
}

void Decoder::wild(const Word& word, std::vector<Step>& out) const {
  Step step;
  constexpr std::array kOps = {Op::read,        Op::write,          Op::unmap,      Op::protect,
                               Op::advise,      Op::fork,           Op::force_read, Op::force_write,
                               Op::sys_ref,     Op::sys_unref,      Op::ref_read,   Op::ref_write,
                               Op::unpin,       Op::sys_clear_refs, Op::map,        Op::write,
                               Op::remap,       Op::lock,           Op::unlock,     Op::uffd_wp,
                               Op::sys_swapout, Op::sys_migrate,    Op::sys_ksm};
  step.op = kOps[word.flags() % kOps.size()];
  step.process = Pid{word.process() % profile_.processes};
  step.child = Pid{word.length() % profile_.processes};
  step.region = Region{word.region() % (profile_.regions + 1)};
  step.first = step.last = word.page() % (profile_.pages + 2);
  step.ref = Ref{word.length() % kRefs};
  step.count = 1 + word.length() % profile_.pages;
  step.value = static_cast<std::uint8_t>(word.value());
  if (step.op == Op::remap || step.op == Op::sys_ksm)
    step.to = Region{word.value() % (profile_.regions + 1)};
  if (step.op == Op::sys_ksm) step.at = word.cell() % (profile_.pages + 2);
  if (step.op == Op::advise) step.advice = static_cast<Advice>(word.cell() % 8);
  if (step.op == Op::protect) step.prot = static_cast<Prot>(word.cell() % 3);
  if (step.op == Op::map && profile_.files) {
    step.share = word.cell() % 2 == 0 ? Share::private_ : Share::shared;
    step.backing = word.cell() % 4 < 2 ? Backing::anon : Backing::file;
    step.file = File{word.value() % kFiles};
  }
  out.push_back(step);
}

}  // namespace cow::laws

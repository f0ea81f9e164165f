// The running kernel on the same work, beside: what is and is not the same stands in notes.cpp.
#include <functional>
#include <string>
#include <utility>

#include "fault_pairs.h"
#include "fork_pairs.h"
#include "helper.h"
#include "kernel_work.h"
#include "rows.h"
#include "zap_pairs.h"

namespace cow::bench {
namespace {

// Another pair's own side; the kernel's time as the limit.
class BesideKernel : public Pair {
 public:
  BesideKernel(std::unique_ptr<Pair> pair, std::uint64_t bytes, KernelWork work)
      : pair_(std::move(pair)), helper_("kernel " + std::to_string(bytes)), work_(work) {}
  void prepare() override { pair_->prepare(); }
  double ours() override { return pair_->ours(); }
  double limit() override { return helper_.ask(static_cast<char>(work_)); }
  void clean() override { pair_->clean(); }

 private:
  std::unique_ptr<Pair> pair_;
  Helper helper_;
  KernelWork work_;
};

struct Beside {
  KernelWork work;
  std::string name, what;
  std::function<std::unique_ptr<Pair>(std::uint32_t)> ours;
};

constexpr Pages kSequence = Pages::in_sequence;

std::vector<Beside> all_work() {
  using M = ThreadsMachine;
  return {
      {KernelWork::fork, "fork", "fork",
       [](auto n) { return std::make_unique<ForkPair<M>>(n, kSequence, Since::written); }},
      {KernelWork::exit, "exit", "exit with shared pages",
       [](auto n) { return std::make_unique<ExitPair<M>>(n); }},
      {KernelWork::copy, "copy", "write fault that copies",
       [](auto n) { return std::make_unique<CopyPair<M>>(n, n, kSequence); }},
      {KernelWork::reuse, "reuse", "reuse fault",
       [](auto n) { return std::make_unique<LightFaultPair<M>>(n, Light::reuse, kSequence); }},
      {KernelWork::zero, "zero", "zero-page fault",
       [](auto n) { return std::make_unique<LightFaultPair<M>>(n, Light::zero, kSequence); }},
      {KernelWork::first_touch, "first_touch", "first touch",
       [](auto n) { return std::make_unique<FirstTouchPair<M>>(n); }},
      {KernelWork::unmap, "unmap", "unmap of own pages",
       [](auto n) { return std::make_unique<UnmapPair<M>>(n); }},
  };
}

}  // namespace

void add_kernel_rows(Plan& plan) {
  for (const Beside& beside : all_work())
    for (const std::uint64_t mapped : {256 * kMiB, kGiB}) {
      const std::uint32_t pages = plan.scale.pages(mapped);
      const std::string size = mapped == kGiB ? "1 GiB" : "256 MiB";
      Row row;
      row.name = "kernel/" + beside.name + "/" + std::to_string(mapped / kMiB) + "MiB";
      row.section = kBesideKernel;
      row.machine = kThreads.words;
      row.what = beside.what + ", " + size + " touched, a page";
      row.beside = "the running kernel";
      row.make = [pages, beside] {
        return std::make_unique<BesideKernel>(beside.ours(pages), pages * kPage, beside.work);
      };
      row.per = pages;
      row.repetitions = plan.scale.repetitions(5);
      row.memory = 6 * mapped;
      plan.rows.push_back(row);
    }
}

}  // namespace cow::bench

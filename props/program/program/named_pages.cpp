#include "program/named_pages.h"

#include <variant>
#include <vector>

#include "judge/watched.h"

namespace cow::program {

NamedPages::NamedPages(const trace::Trace& trace) {
  for (const trace::Item& item : trace.items) {
    note(item);
    if (const auto* par = std::get_if<trace::Par>(&item))
      for (const std::vector<trace::Item>& column : par->columns)
        for (const trace::Item& inner : column) note(inner);
  }
}

void NamedPages::note(const trace::Item& item) {
  if (const auto* fact = std::get_if<trace::Fact>(&item)) {
    named_.insert({fact->slot.region, fact->slot.page});
    named_.insert({fact->other.region, fact->other.page});
  }
  const auto* line = std::get_if<trace::StepLine>(&item);
  if (line == nullptr) return;
  const Step& step = line->step;
  const bool makes_huge = step.advice == Advice::hugepage || step.advice == Advice::collapse;
  huge_ = huge_ || step.huge || step.hugetlb || (step.op == Op::advise && makes_huge);
  if (!judge::names_place(step.op)) return;
  named_.insert({step.region, step.first});
  named_.insert({step.region, step.last});
  if (step.op == Op::remap) named_.insert({step.to, 0});
  if (step.op == Op::sys_ksm) named_.insert({step.to, step.at});
}

}  // namespace cow::program

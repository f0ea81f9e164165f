#include "kernel/seen_fact.h"

namespace cow::kernel {
namespace {

using trace::FactKind;

// A page that is not present would be faulted in by looking; one that may not be read, not at all.
std::optional<std::uint32_t> value_at(const trace::Fact& fact, const Entry& entry, Stage& stage) {
  if (!entry.present) return std::nullopt;
  const auto bytes = stage.peek(fact.slot, 1);
  if (!bytes) return std::nullopt;
  return (*bytes)[fact.cell];
}

}  // namespace

std::optional<std::uint32_t> find_fact(const trace::Fact& fact, Stage& stage,
                                       const Window& window) {
  const bool of_page = fact.kind <= FactKind::kind;
  if (!of_page || window.sight() == Sight::contents || !stage.alive(fact.slot.process))
    return std::nullopt;
  const auto entry = stage.entry(fact.slot);
  if (!entry) return std::nullopt;
  if (fact.kind == FactKind::value) return value_at(fact, *entry, stage);
  if (!sees_frames(window.sight())) return std::nullopt;
  if (fact.kind == FactKind::same_frame || fact.kind == FactKind::other_frame) {
    const auto other = stage.entry(fact.other);
    if (!other || !entry->present || !other->present) return std::nullopt;
    return entry->frame == other->frame;
  }
  if (fact.kind == FactKind::kind) {
    const Kind kind = entry->present ? kind_of(window.flags(entry->frame)) : Kind::none;
    return static_cast<std::uint32_t>(kind);
  }
  // What the kernel maps around a fault counts in the mapcount of a page of the cache.
  if (fact.kind == FactKind::mapcount && entry->present && !entry->file)
    return has(window.flags(entry->frame), PageFlag::zero)
               ? 0
               : static_cast<std::uint32_t>(window.mapcount(entry->frame));
  return std::nullopt;
}

}  // namespace cow::kernel

#include "kernel/promised.h"

#include <algorithm>

namespace cow::kernel {

void PrivatePage::own(const Cells& behind) {
  if (follows) may_own(behind);
  follows = false;
}

void PrivatePage::may_own(const Cells& cells) {
  if (std::find(holds.begin(), holds.end(), cells) == holds.end()) holds.push_back(cells);
}

Promised::Promised(const Setup& setup, const Plan& plan)
    : processes_(plan.processes, {false, std::vector<Area>(plan.regions.size())}),
      refs_(plan.refs) {
  processes_[0].alive = true;
  for (const FileSetup& file : setup.files) objects_.push_back({file.pages, file.value, {}});
}

const Promised::Mapped* Promised::find(const Slot& slot) const {
  const Process& process = processes_[index(slot.process)];
  if (!process.alive) return nullptr;
  const auto& mapped = process.areas[index(slot.region)].mapped;
  const auto at = mapped.find(slot.page);
  return at == mapped.end() ? nullptr : &at->second;
}

bool Promised::past_end(const Mapped& m) const {
  return m.has_block && m.block.second >= objects_[m.block.first].pages;
}

Cells Promised::behind(const Mapped& m) const {
  Cells cells{};
  if (!m.has_block) return cells;
  const Object& object = objects_[m.block.first];
  if (const auto at = object.written.find(m.block.second); at != object.written.end())
    return at->second;
  cells.fill(object.value);
  return cells;
}

void Promised::write_block(const BlockOf& block, std::uint8_t cell, std::uint8_t value) {
  Object& object = objects_[block.first];
  Cells fresh;
  fresh.fill(object.value);
  object.written.try_emplace(block.second, fresh).first->second[cell] = value;
}

void Promised::write(Mapped& m, std::uint8_t cell, std::uint8_t value) {
  if (!m.page) return write_block(m.block, cell, value);
  m.page->own(behind(m));
  for (Cells& cells : m.page->holds) cells[cell] = value;
}

bool Promised::readable(const Slot& slot) const {
  const Mapped* m = find(slot);
  return m != nullptr && m->prot != Prot::none && !past_end(*m);
}

bool Promised::admits(const Slot& slot, std::uint8_t cell, std::uint8_t value) {
  const Mapped& m = *find(slot);
  if (!m.page) return behind(m)[cell] == value;
  PrivatePage& page = *m.page;
  if (page.follows && behind(m)[cell] != value) page.follows = false;
  std::erase_if(page.holds, [&](const Cells& cells) { return cells[cell] != value; });
  return page.follows || !page.holds.empty();
}

bool Promised::admits(Ref k, std::uint8_t cell, std::uint8_t value) {
  const Reference& ref = refs_[index(k)];
  if (!ref.writable) return true;  // a `get ro` is promised nothing
  if (ref.block) {
    Mapped at;
    at.block = *ref.block;
    at.has_block = true;
    return behind(at)[cell] == value;
  }
  const auto& holds = ref.page->holds;
  return std::any_of(holds.begin(), holds.end(),
                     [&](const Cells& cells) { return cells[cell] == value; });
}

std::string Promised::values(const Slot& slot, std::uint8_t cell) const {
  const Mapped& m = *find(slot);
  std::vector<std::uint8_t> all;
  if (!m.page || m.page->follows) all.push_back(behind(m)[cell]);
  if (m.page)
    for (const Cells& cells : m.page->holds) all.push_back(cells[cell]);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::string text;
  for (const std::uint8_t value : all) text += (text.empty() ? "" : ",") + std::to_string(value);
  return all.size() == 1 ? text : "{" + text + "}";
}

}  // namespace cow::kernel

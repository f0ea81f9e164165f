#include "program/picture.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "trace/print.h"
#include "trace/words.h"

namespace cow::program {
namespace {

using runner::Machines;

PageView page_of(const Machines& machines, Frame f) {
  return machines.on_facts([&](const auto& m) { return m.page(f); });
}

std::string bytes(const PageView& page) {
  return fmt::format("{} {} {} {}", page.cells[0], page.cells[1], page.cells[2], page.cells[3]);
}

std::string all_of(const Sight& s) {
  std::string text;
  for (const auto& [name, value] : s.attributes) {
    if (!text.empty()) text += name.empty() ? " " : "  ";
    text += name.empty() ? value : fmt::format("{} {}", name, value);
  }
  return text;
}

// Named attributes that differ; an entry is shown whole.
std::string difference(const Sight& before, const Sight& after) {
  if (after.attributes.empty() || after.attributes.front().first.empty())
    return all_of(before) + " -> " + all_of(after);
  std::string text;
  for (std::size_t i = 0; i < after.attributes.size(); ++i) {
    const auto& [name, value] = after.attributes[i];
    const std::string& old = before.attributes[i].second;
    if (old != value)
      text += fmt::format("{}{} {} -> {}", text.empty() ? "" : "  ", name, old, value);
  }
  return text;
}

const Sight* find(const Picture& picture, const std::string& what) {
  for (const Sight& s : picture)
    if (s.what == what) return &s;
  return nullptr;
}

}  // namespace

Picture Painter::paint(const Machines& machines) {
  if (machines.spec_has_left() && !alone_) frames_.forget_all();
  alone_ = machines.spec_has_left();
  frames_.forget_freed([&](Frame f) { return page_of(machines, f).kind == Kind::none; });
  Picture picture;
  add_entries(machines, picture);
  add_references(machines, picture);
  add_frames(machines, picture);
  add_counts(machines, picture);
  return picture;
}

std::string Painter::name_of(const Machines& machines, Frame f) {
  return frames_.name(f, page_of(machines, f).kind);
}

void Painter::add_entries(const Machines& machines, Picture& picture) {
  for (const judge::Seen& s : machines.entries()) {
    if (!shown_.shows(s.slot)) continue;
    Sight sight{trace::slot_text(s.slot, names_), {}};
    if (s.entry.swapped) {
      sight.attributes = {{"", "swap"}, {"", "swapcount " + std::to_string(s.entry.swapcount)}};
      if (s.entry.frame != kNoFrame)
        sight.attributes.emplace_back("", "cached in " + name_of(machines, s.entry.frame));
      picture.push_back(std::move(sight));
      continue;
    }
    if (!s.entry.present) continue;
    sight.attributes = {{"", name_of(machines, s.entry.frame)},
                        {"", s.entry.writable ? "rw" : "ro"},
                        {"", s.entry.dirty ? "dirty" : "clean"},
                        {"", s.entry.young ? "young" : "old"}};
    if (s.entry.huge) sight.attributes.emplace_back("", "huge");
    picture.push_back(std::move(sight));
  }
}

void Painter::add_references(const Machines& machines, Picture& picture) {
  for (const judge::Reference& r : machines.references().live()) {
    const Frame f = machines.on_facts([&](const auto& m) { return m.frame_of(r.name); });
    picture.push_back({names_.refs[index(r.name)], {{"", "on " + name_of(machines, f)}}});
  }
}

void Painter::add_frames(const Machines& machines, Picture& picture) {
  for (const auto& [frame, number] : frames_.named()) {
    const PageView page = page_of(machines, frame);
    Sight sight{"f" + std::to_string(number), {}};
    const Kind kind = page.ksm ? Kind::ksm : page.kind;
    sight.attributes = {{"kind", std::string(trace::kKindWords[trace::index_of(kind)])},
                        {"mapcount", std::to_string(page.mapcount)},
                        {"refcount", std::to_string(page.refcount)},
                        {"pins", std::to_string(page.pins)},
                        {"exclusive", page.exclusive ? "yes" : "no"},
                        {"bytes", bytes(page)}};
    picture.push_back(std::move(sight));
  }
}

void Painter::add_counts(const Machines& machines, Picture& picture) {
  const auto row = [&](const std::string& what, std::uint32_t anon, std::uint32_t file,
                       std::uint32_t shmem, const char* last, std::uint32_t of_last) {
    picture.push_back({what,
                       {{"anon", std::to_string(anon)},
                        {"file", std::to_string(file)},
                        {"shmem", std::to_string(shmem)},
                        {last, std::to_string(of_last)}}});
  };
  for (std::uint32_t p = 0; p < names_.processes.size(); ++p) {
    const Pid pid{p};
    if (!machines.on_facts([&](const auto& m) { return m.alive(pid); })) continue;
    const Rss rss = machines.on_facts([&](const auto& m) { return m.rss(pid); });
    row("rss " + trace::process_text(pid, names_), rss.anon, rss.file, rss.shmem, "swap", rss.swap);
  }
  const auto pages = [&](Kind k) {
    return machines.on_facts([&](const auto& m) { return m.allocated(k); });
  };
  row("pages", pages(Kind::anon), pages(Kind::file), pages(Kind::shmem), "ksm", pages(Kind::ksm));
}

std::vector<std::string> changes(const Picture& before, const Picture& after) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Sight& now : after) {
    const Sight* was = find(before, now.what);
    if (was == nullptr) rows.emplace_back(now.what, all_of(now));
    else if (*was != now) rows.emplace_back(now.what, difference(*was, now));
  }
  for (const Sight& was : before)
    if (find(after, was.what) == nullptr) rows.emplace_back(was.what, "gone");
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  std::vector<std::string> lines;
  lines.reserve(rows.size());
  for (const auto& [what, text] : rows)
    lines.push_back(fmt::format("{:<{}}  {}", what, width, text));
  return lines;
}

}  // namespace cow::program

#include "prove/symbolic.h"

#include <algorithm>

namespace cow::prove {

thread_local RowInTheMaking* row_in_the_making = nullptr;
thread_local spec::Mutant Symbolic::mutant = spec::Mutant::none;

z3::func_decl function(const std::string& name, const std::vector<z3::sort>& keys,
                       const z3::sort& range) {
  z3::sort_vector domain(context());
  for (const z3::sort& s : keys) domain.push_back(s);
  return context().function(name.c_str(), domain, range);
}

Column::Column(std::string name, const std::vector<z3::sort>& keys, const z3::sort& range)
    : name_(std::move(name)), base_(function(name_, keys, range)) {}

z3::expr Column::at(const std::vector<z3::expr>& keys) const {
  z3::expr_vector arguments(context());
  for (const z3::expr& k : keys) arguments.push_back(k);
  z3::expr value = base_(arguments);
  for (const auto& [where, what, rule] : layers_) {
    if (!what) {
      value = rule(keys, value);
      continue;
    }
    if (std::equal(keys.begin(), keys.end(), where.begin(), z3::eq)) {
      value = *what;
      continue;
    }
    const z3::expr here = where[0] == keys[0];
    value = z3::ite(keys.size() == 2 ? here && where[1] == keys[1] : here, *what, value);
  }
  return value;
}

void Column::set(const std::vector<z3::expr>& keys, const z3::expr& value) {
  if (current_path) current_path->written.insert(name_);
  layers_.push_back({keys, value, {}});
}

void Column::rewrite(const Rewrite& rule) {
  if (current_path) current_path->written.insert(name_);
  layers_.push_back({{}, std::nullopt, rule});
}

void Column::spread(std::size_t layers, const z3::expr& key, const z3::expr& where) {
  if (layers_.size() == layers) return;
  for (std::size_t i = layers; i < layers_.size(); ++i)
    if (!layers_[i].value || !z3::eq(layers_[i].keys[0], key))
      throw std::logic_error(name_ + " is written at another key than the one that stands for all");
  const z3::expr value = at({key});
  layers_.erase(layers_.begin() + static_cast<std::ptrdiff_t>(layers), layers_.end());
  rewrite([=](const std::vector<z3::expr>& keys, const z3::expr& old) {
    z3::expr_vector from(context()), to(context());
    from.push_back(key);
    to.push_back(keys[0]);
    z3::expr here = where, now = value;
    return z3::ite(here.substitute(from, to), now.substitute(from, to), old);
  });
}

Symbolic::Mm Symbolic::mm_of(const Slot& s) {
  return Mm(function("mm_of", {Slot::sort()}, Mm::sort())(s.e));
}
Symbolic::RssKey Symbolic::rss_key_of(const Slot& s, const Bool& anon, const Bool& shmem) {
  const Int kind = either(anon, Int(0), either(shmem, Int(2), Int(1)));
  return RssKey(
      function("rss_key", {Mm::sort(), context().int_sort()}, RssKey::sort())(mm_of(s).e, kind.e));
}
Symbolic::RssKey Symbolic::swap_key_of(const Slot& s) {
  const Int swapped(3);  // beside the kinds of pages
  return RssKey(function("rss_key", {Mm::sort(), context().int_sort()}, RssKey::sort())(mm_of(s).e,
                                                                                        swapped.e));
}
Symbolic::Data Symbolic::put(const Data& data, const Cell& cell, const Byte& byte) {
  return Data(function("put", {Data::sort(), Cell::sort(), Byte::sort()}, Data::sort())(
      data.e, cell.e, byte.e));
}
Bool Symbolic::Layout::past_end(const Slot& s) const {
  return Bool(function("past_end", {Block::sort()}, context().bool_sort())(block(s).e));
}
Symbolic::Data Symbolic::Layout::disk(const Block& b) {
  return Data(function("disk", {Block::sort()}, Data::sort())(b.e));
}
Bool Symbolic::Scene::shared(const Slot& s) const {
  return value(state->vma[state->area.of(s)].shared);
}
Bool Symbolic::Scene::file(const Slot& s) const {
  return value(state->vma[state->area.of(s)].file);
}
Symbolic::Block Symbolic::Scene::block(const Slot& s) const { return state->area.block(s); }

}  // namespace cow::prove

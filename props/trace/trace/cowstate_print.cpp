// A state as text.
#include <tuple>

#include "trace/cowstate.h"
#include "trace/hash.h"
#include "trace/words.h"

namespace cow::trace {
namespace {

void add_number(std::string& text, std::string_view word, std::optional<std::uint32_t> number) {
  if (number) text += " " + std::string(word) + " " + std::to_string(*number);
}

void add_flag(std::string& text, std::string_view word, bool said) {
  if (said) text += " " + std::string(word);
}

void add_prot(std::string& text, std::optional<Prot> prot) {
  if (prot) text += " " + std::string(kProtWords[index_of(*prot)]);
}

}  // namespace

bool State::operator==(const State& other) const {
  return std::tie(frames, entries, references, complete) ==
         std::tie(other.frames, other.entries, other.references, other.complete);
}

std::string print(const StateFrame& frame) {
  std::string text = "frame " + std::to_string(frame.number);
  if (frame.kind) text += " " + std::string(kKindWords[index_of(*frame.kind)]);
  add_number(text, "refcount", frame.refcount);
  add_number(text, "mapcount", frame.mapcount);
  add_number(text, "pins", frame.pins);
  add_flag(text, "exclusive", frame.exclusive);
  add_flag(text, "swapcache", frame.swapcache);
  return text;
}

std::string print(const StatePlace& place) {
  return "P" + std::to_string(place.process) + " " + place.region + "[" +
         std::to_string(place.page) + "]";
}

std::string print(const StateEntry& entry) {
  constexpr std::array<std::string_view, 3> kShows = {" frame ", " swap ", " migration frame "};
  std::string text = print(entry.place) + std::string(kShows[index_of(entry.shows)]) +
                     std::to_string(entry.number);
  add_prot(text, entry.prot);
  add_flag(text, "dirty", entry.dirty);
  add_flag(text, "young", entry.young);
  if (entry.share) text += " " + std::string(kShareWords[index_of(*entry.share)]);
  return text;
}

std::string print(const StateReference& reference) {
  std::string text = reference.name + " frame " + std::to_string(reference.frame);
  add_prot(text, reference.prot);
  if (reference.foll_pin) text += *reference.foll_pin ? " pin" : " get";
  if (reference.of) text += " of " + print(*reference.of);
  return text;
}

std::string print(const State& state) {
  std::string text;
  for (const StateFrame& frame : state.frames) text += print(frame) + "\n";
  for (const StateEntry& entry : state.entries) text += print(entry) + "\n";
  for (const StateReference& reference : state.references) text += print(reference) + "\n";
  if (state.complete) text += "complete\n";
  return text;
}

std::string hash(const State& state) { return short_sha256(print(state)); }

}  // namespace cow::trace

// A state, line by line.
#include <map>
#include <utility>

#include "trace/cowstate.h"
#include "trace/grammar.h"

namespace cow::trace {
namespace {

// Sets what an attribute says; each is said once.
template <class Value>
void say(const Line& line, Word word, std::optional<Value>& known, Value value) {
  if (known) line.fail_at(word, "each attribute once");
  known = value;
}

void say(const Line& line, Word word, bool& known) {
  if (known) line.fail_at(word, "each attribute once");
  known = true;
}

void frame_attribute(Line& line, StateFrame& frame) {
  constexpr std::array<std::string_view, 10> kAttributes = {
      "anon",     "file",     "shmem", "zero",      "ksm",
      "refcount", "mapcount", "pins",  "exclusive", "swapcache"};
  constexpr std::array<PageKind, 5> kKinds = {PageKind::anon, PageKind::file, PageKind::shmem,
                                              PageKind::zero, PageKind::ksm};
  const Word word = line.word();
  const std::size_t which = take_one_of(line, kAttributes);
  if (which < kKinds.size()) say(line, word, frame.kind, kKinds[which]);
  else if (word.text == "exclusive") say(line, word, frame.exclusive);
  else if (word.text == "swapcache") say(line, word, frame.swapcache);
  else
    say(line, word,
        word.text == "refcount"   ? frame.refcount
        : word.text == "mapcount" ? frame.mapcount
                                  : frame.pins,
        take_number(line, kAnyNumber, "a number"));
}

void entry_attribute(Line& line, StateEntry& entry) {
  constexpr std::array<std::string_view, 6> kAttributes = {"ro",    "rw",      "dirty",
                                                           "young", "private", "shared"};
  const Word word = line.word();
  const std::size_t which = take_one_of(line, kAttributes);
  if (which <= 1) say(line, word, entry.prot, which == 0 ? Prot::ro : Prot::rw);
  else if (which >= 4) say(line, word, entry.share, which == 4 ? Share::private_ : Share::shared);
  else say(line, word, which == 2 ? entry.dirty : entry.young);
}

StatePlace take_state_place(Line& line) {
  StatePlace place;
  place.process = take_process(line);
  const Place page = take_place(line, Extent::page);
  place.region = page.region;
  place.page = page.first;
  return place;
}

std::uint32_t take_frame(Line& line) {
  line.expect("frame");
  return take_number(line, kAnyNumber, "a frame number");
}

StateFrame parse_frame(Line& line) {
  StateFrame frame;
  frame.at = {line.number(), line.word().column};
  frame.number = take_frame(line);
  while (!line.done()) frame_attribute(line, frame);
  return frame;
}

StateEntry parse_entry(Line& line) {
  StateEntry entry;
  entry.at = {line.number(), line.word().column};
  entry.place = take_state_place(line);
  constexpr std::array<std::string_view, 3> kShows = {"frame", "swap", "migration"};
  entry.shows = static_cast<Shows>(take_one_of(line, kShows));
  if (entry.shows == Shows::migration) line.expect("frame");
  entry.number =
      take_number(line, kAnyNumber, entry.shows == Shows::swap ? "a swap slot" : "a frame number");
  while (!line.done()) entry_attribute(line, entry);
  return entry;
}

StateReference parse_reference(Line& line) {
  StateReference reference;
  reference.at = {line.number(), line.word().column};
  Piece piece(line, line.word());
  reference.name = piece.lower_name("a reference");
  piece.finish("a blank after the reference");
  line.take();
  reference.frame = take_frame(line);
  while (!line.done()) {
    constexpr std::array<std::string_view, 5> kAttributes = {"ro", "rw", "get", "pin", "of"};
    const Word word = line.word();
    const std::size_t which = take_one_of(line, kAttributes);
    if (which <= 1) say(line, word, reference.prot, which == 0 ? Prot::ro : Prot::rw);
    else if (which <= 3) say(line, word, reference.foll_pin, which == 3);
    else say(line, word, reference.of, take_state_place(line));
  }
  return reference;
}

class StateParser {
 public:
  StateParser(const std::string& file, std::string_view text) : text_(text) { state_.file = file; }

  State parse() {
    bool empty = true;
    while (std::optional<Line> line = text_.next()) {
      parse_line(*line);
      empty = false;
    }
    if (empty)
      throw Failure{text_.line() + 1, 1,
                    "expected a frame, an entry or a reference, found the end of the file"};
    return std::move(state_);
  }

 private:
  void parse_line(Line& line) {
    const Word first = line.word();
    if (first.text == "frame") {
      state_.frames.push_back(parse_frame(line));
      once(line, first, frames_, state_.frames.back().number, "frame");
    } else if (first.text.starts_with('P')) {
      state_.entries.push_back(parse_entry(line));
      once(line, first, entries_, state_.entries.back().place, "place");
    } else if (first.text == "complete") {
      if (state_.complete) line.fail("one line 'complete'");
      line.take();
      line.finish();
      state_.complete = true;
    } else {
      if (is_reserved(first.text) || first.text[0] < 'a' || first.text[0] > 'z')
        line.fail("frame N, an entry Pn A, a reference or complete");
      state_.references.push_back(parse_reference(line));
      once(line, first, references_, state_.references.back().name, "reference");
    }
  }

  template <class Key>
  void once(const Line& line, Word at, std::map<Key, std::uint32_t>& known, const Key& key,
            const std::string& what) {
    const auto [earlier, is_new] = known.emplace(key, line.number());
    if (!is_new)
      line.refuse(at, "expected each " + what + " once, found one that line " +
                          std::to_string(earlier->second) + " describes");
  }

  State state_;
  Text text_;
  std::map<std::uint32_t, std::uint32_t> frames_;
  std::map<StatePlace, std::uint32_t> entries_;
  std::map<std::string, std::uint32_t> references_;
};

}  // namespace

ParsedState parse_state(const std::string& file, std::string_view text) {
  try {
    return StateParser(file, text).parse();
  } catch (const Failure& failure) {
    return Error{file, failure.line, failure.column, failure.message};
  }
}

}  // namespace cow::trace

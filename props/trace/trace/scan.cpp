// Names, numbers and places.
#include "trace/scan.h"

#include "cow/ids.h"
#include "trace/words.h"

namespace cow::trace {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

std::string in_words(Bounds bounds, const std::string& what) {
  if (bounds.most == kMaxNumber && bounds.least == 0) return what + " below 2147483648";
  return what + " from " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
}

}  // namespace

template <class Predicate> std::string_view Piece::take_while(Predicate&& predicate) {
  const std::size_t start = at_;
  while (!done() && predicate(word_.text[at_])) ++at_;
  return word_.text.substr(start, at_ - start);
}

Word Piece::rest() const {
  return {word_.text.substr(at_), word_.column + static_cast<std::uint32_t>(at_)};
}

void Piece::fail(const std::string& expected) const {
  if (done() && at_ > 0)
    line_.refuse(rest(), "expected " + expected + ", found the end of " + in_quotes(word_.text));
  line_.fail_at(rest(), expected);
}

void Piece::finish(const std::string& expected) const {
  if (!done()) fail(expected);
}

bool Piece::accept(std::string_view text) {
  if (!word_.text.substr(at_).starts_with(text)) return false;
  at_ += text.size();
  return true;
}

std::string_view Piece::lower_name(const std::string& what) {
  if (done() || !is_lower(word_.text[at_])) fail(what);
  const Word start = rest();
  const std::string_view name =
      take_while([](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
  if (is_reserved(name)) line_.fail_at({name, start.column}, what + " that is no reserved word");
  return name;
}

std::string_view Piece::upper_name(const std::string& what) {
  if (done() || !is_upper(word_.text[at_])) fail(what);
  return take_while([](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '_'; });
}

std::uint32_t Piece::process() {
  if (!accept("P")) fail("a process");
  if (rest().text.starts_with('0') && rest().text.size() > 1 && is_digit(rest().text[1]))
    fail("a process number without leading zeros");
  return number(kAnyNumber, "a process number");
}

std::uint32_t Piece::number(Bounds bounds, const std::string& what) {
  const Word start = rest();
  const std::string_view digits = take_while(is_digit);
  if (digits.empty()) fail(in_words(bounds, what));
  std::uint64_t value = 0;
  for (const char c : digits)
    if (value <= kMaxNumber) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  if (value < bounds.least || value > bounds.most)
    line_.fail_at({digits, start.column}, in_words(bounds, what));
  return static_cast<std::uint32_t>(value);
}

bool looks_like_process(std::string_view word) {
  return word.size() > 1 && word[0] == 'P' && is_digit(word[1]);
}

std::uint32_t take_number(Line& line, Bounds bounds, const std::string& what) {
  Piece piece(line, line.word());
  const std::uint32_t value = piece.number(bounds, what);
  piece.finish("a blank after " + what);
  line.take();
  return value;
}

std::uint32_t take_count(Line& line) { return take_number(line, {1, kMaxPages}, "a number"); }

std::uint32_t take_process(Line& line) {
  Piece piece(line, line.word());
  const std::uint32_t number = piece.process();
  piece.finish("a blank after the process");
  line.take();
  return number;
}

Place read_place(Piece& piece, Extent extent) {
  Place place;
  place.region = piece.lower_name("a region");
  if (piece.accept("[")) {
    place.first = place.last = piece.number(kAnyNumber, "a page");
    if (extent == Extent::range && piece.accept(".."))
      place.last = piece.number({place.first, kMaxNumber}, "a last page");
    if (!piece.accept("]"))
      piece.fail(extent == Extent::range ? "'..' or ']'" : "']' (this step takes one page)");
  }
  if (extent == Extent::cell && piece.accept("."))
    place.cell = static_cast<std::uint8_t>(piece.number({0, kCells - 1}, "a cell"));
  piece.finish(extent == Extent::cell ? "a page and a cell" : "a page, no cell");
  return place;
}

Place take_place(Line& line, Extent extent) {
  Piece piece(line, line.word());
  const Place place = read_place(piece, extent);
  line.take();
  return place;
}

}  // namespace cow::trace

// Lines and words. Every look at a byte moves on, so time is linear in the text.
#include "trace/lexer.h"

#include <algorithm>
#include <array>

namespace cow::trace {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }

// The length of the valid UTF-8 sequence that `text` starts with; 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;  // overlong
  if (lead == 0xed && byte(1) > 0x9f) return 0;  // a surrogate
  if (lead == 0xf0 && byte(1) < 0x90) return 0;  // overlong
  if (lead == 0xf4 && byte(1) > 0x8f) return 0;  // past the last code point
  return length;
}

void check_bytes(std::string_view text, std::uint32_t line) {
  for (std::size_t i = 0; i < text.size();) {
    const auto column = static_cast<std::uint32_t>(i + 1);
    if (text[i] == '\0') throw Failure{line, column, "expected text, found a NUL byte"};
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) throw Failure{line, column, "expected UTF-8, found an invalid byte"};
    i += length;
  }
}

}  // namespace

std::string in_quotes(std::string_view word) {
  constexpr std::size_t kShown = 60;
  if (word.size() <= kShown) return "'" + std::string(word) + "'";
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xc0) == 0x80) --end;
  return "'" + std::string(word.substr(0, end)) + "…'";
}

Line::Line(std::string_view text, std::uint32_t number) : text_(text), number_(number) {
  advance(0);
}

void Line::advance(std::size_t from) {
  while (from < text_.size() && is_blank(text_[from])) ++from;
  std::size_t end = from;
  while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '#') ++end;
  refuse_control(text_.substr(from, end - from), from);
  word_ = {text_.substr(from, end - from), static_cast<std::uint32_t>(from + 1)};
}

void Line::refuse_control(std::string_view text, std::size_t from) const {
  const auto found = std::find_if(text.begin(), text.end(), is_control);
  if (found == text.end()) return;
  from += static_cast<std::size_t>(found - text.begin());
  throw Failure{number_, static_cast<std::uint32_t>(from + 1),
                "expected text, found control character " +
                    std::to_string(static_cast<unsigned char>(*found))};
}

Word Line::take() {
  const Word taken = word_;
  const std::size_t end = taken.column - 1 + taken.text.size();
  advance(end);
  // At the end of a line the place to complain about is right behind its last word.
  if (done()) word_.column = static_cast<std::uint32_t>(end + 1);
  return taken;
}

bool Line::accept(std::string_view word) {
  if (word_.text != word) return false;
  take();
  return true;
}

void Line::expect(std::string_view word) {
  if (!accept(word)) fail(in_quotes(word));
}

void Line::finish() const {
  if (!done()) fail("the end of the line");
}

std::string_view Line::take_text() {
  std::size_t from = word_.column - 1 + word_.text.size();
  std::size_t end = text_.size();
  while (from < end && is_blank(text_[from])) ++from;
  while (end > from && is_blank(text_[end - 1])) --end;
  word_ = {{}, static_cast<std::uint32_t>(end + 1)};
  refuse_control(text_.substr(from, end - from), from);
  return text_.substr(from, end - from);
}

void Line::fail(const std::string& expected) const { fail_at(word_, expected); }

void Line::fail_at(Word found, const std::string& expected) const {
  refuse(found, "expected " + expected + ", found " +
                    (found.text.empty() ? "the end of the line" : in_quotes(found.text)));
}

void Line::refuse(Word at, const std::string& message) const {
  throw Failure{number_, at.column, message};
}

Text::Text(std::string_view text) : rest_(text) {
  if (text.size() > kMaxText) throw Failure{1, 1, "expected at most 64 MiB of text, found more"};
  if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);  // some editors' UTF-8 mark
}

std::optional<Line> Text::next() {
  while (!rest_.empty()) {
    ++line_;
    const std::size_t end = rest_.find('\n');
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.size() > kMaxLine)
      throw Failure{line_, kMaxLine + 1, "expected at most 64 KiB a line, found more"};
    check_bytes(text, line_);
    Line line(text, line_);
    if (!line.done()) return line;
  }
  return std::nullopt;
}

}  // namespace cow::trace

// A text cut into lines, and a line into words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cow::trace {

inline constexpr std::size_t kMaxLine = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxText = std::size_t{64} * 1024 * 1024;

// Thrown where the input cannot be used; parse functions turn it into an Error.
struct Failure {
  std::uint32_t line;
  std::uint32_t column;
  std::string message;
};

struct Word {
  std::string_view text;
  std::uint32_t column = 1;
};

// One line, read word by word. Blanks and tabs part words, `#` ends the line.
class Line {
 public:
  Line(std::string_view text, std::uint32_t number);

  [[nodiscard]] std::uint32_t number() const { return number_; }
  // The word under the cursor; its text is empty at the end of the line.
  [[nodiscard]] const Word& word() const { return word_; }
  [[nodiscard]] bool done() const { return word_.text.empty(); }

  Word take();                         // the word under the cursor, and on to the next
  bool accept(std::string_view word);  // takes the word if it is this one
  void expect(std::string_view word);  // takes this word or fails
  void finish() const;                 // fails unless the line is done
  std::string_view take_text();        // all after the word under the cursor, comments included

  // `expected …, found …`, at the word under the cursor or at a place within the line.
  [[noreturn]] void fail(const std::string& expected) const;
  [[noreturn]] void fail_at(Word found, const std::string& expected) const;
  // Any message, at a word of this line.
  [[noreturn]] void refuse(Word at, const std::string& message) const;

 private:
  void advance(std::size_t from);
  void refuse_control(std::string_view text, std::size_t from) const;

  std::string_view text_;
  std::uint32_t number_;
  Word word_;
};

// The lines of a text, each checked for length, NUL and UTF-8 when its turn comes.
class Text {
 public:
  explicit Text(std::string_view text);  // fails if the text is too long

  std::optional<Line> next();  // the next line that has a word
  // The line on which the text ends, counted from 1.
  [[nodiscard]] std::uint32_t line() const { return line_; }

 private:
  std::string_view rest_;
  std::uint32_t line_ = 0;
};

// A found word in quotes, cut short if long.
[[nodiscard]] std::string in_quotes(std::string_view word);

}  // namespace cow::trace

// Names, numbers and places: what a word may hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "trace/lexer.h"

namespace cow::trace {

inline constexpr std::uint32_t kMaxNumber = 0x7fffffff;

// Both ends are included.
struct Bounds {
  std::uint32_t least;
  std::uint32_t most;
};
inline constexpr Bounds kAnyNumber{0, kMaxNumber};
inline constexpr Bounds kByte{0, 255};

// A word read character by character; a failure points at the character that is wrong.
class Piece {
 public:
  Piece(const Line& line, Word word) : line_(line), word_(word) {}

  [[nodiscard]] bool done() const { return at_ == word_.text.size(); }
  bool accept(std::string_view text);
  std::string_view lower_name(const std::string& what);  // [a-z][a-z0-9_]*, not reserved
  std::string_view upper_name(const std::string& what);  // [A-Z][A-Za-z0-9_]*
  std::uint32_t process();                               // the n of `Pn`
  std::uint32_t number(Bounds bounds, const std::string& what);
  void finish(const std::string& expected) const;  // fails unless the word is done
  [[noreturn]] void fail(const std::string& expected) const;

 private:
  template <class Predicate> std::string_view take_while(Predicate&& predicate);
  [[nodiscard]] Word rest() const;

  const Line& line_;
  Word word_;
  std::size_t at_ = 0;
};

// What may follow a region's name.
enum class Extent { page, range, cell };

struct Place {
  std::string_view region;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint8_t cell = 0;
};

[[nodiscard]] bool looks_like_process(std::string_view word);

// Each takes the word under the cursor, all of it.
std::uint32_t take_number(Line& line, Bounds bounds, const std::string& what);
std::uint32_t take_count(Line& line);  // the N of the contract: 1 to 16,777,216
std::uint32_t take_process(Line& line);
Place take_place(Line& line, Extent extent);
// Reads a place from the middle of a word to its end.
Place read_place(Piece& piece, Extent extent);

}  // namespace cow::trace

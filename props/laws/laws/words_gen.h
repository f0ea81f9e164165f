// Words for RapidCheck: made fast, and shrunk by taking words away and lowering their bytes.
#pragma once

#include <rapidcheck.h>

#include "laws/random.h"
#include "laws/words.h"

namespace cow::laws {

inline std::vector<std::uint64_t> lower_words(std::uint64_t word) {
  std::vector<std::uint64_t> lower;
  if (word != 0) lower.push_back(0);
  for (unsigned i = 0; i < 8; ++i) {
    const std::uint64_t byte = word >> (8 * i) & 0xff, rest = word & ~(0xffull << (8 * i));
    if (byte == 0 || rest == 0) continue;
    lower.push_back(rest);
    if (byte > 1) lower.push_back(rest | (byte / 2) << (8 * i));
  }
  return lower;
}

// The first word, which is the setup, is lowered but never taken away.
inline rc::Seq<Words> smaller_words(const Words& words) {
  if (words.empty()) return {};
  const Words tail(words.begin() + 1, words.end());
  const std::uint64_t setup = words[0];
  auto fewer = rc::seq::map(rc::shrink::removeChunks(tail), [setup](Words&& shorter) {
    shorter.insert(shorter.begin(), setup);
    return std::move(shorter);
  });
  auto lower = rc::shrink::eachElement(
      words, [](std::uint64_t word) { return rc::seq::fromContainer(lower_words(word)); });
  return rc::seq::concat(std::move(fewer), std::move(lower));
}

// As many words as the size says, and two.
inline rc::Gen<Words> arbitrary_words() {
  return [](const rc::Random& random, int size) {
    rc::Random source = random;
    Random fast(source.next());
    Words words(static_cast<std::size_t>(size) + 2);
    for (std::uint64_t& w : words) w = fast.next();
    return rc::shrinkable::shrinkRecur(std::move(words),
                                       [](const Words& larger) { return smaller_words(larger); });
  };
}

}  // namespace cow::laws

#include "par/describe.h"

#include "trace/print.h"
#include "trace/words.h"

namespace cow::par {
namespace {

// Reads what state_of() wrote.
class Reader {
 public:
  Reader(const std::vector<std::uint32_t>& state, const Places& places,
         const trace::NameTable& names)
      : state_(state), places_(places), names_(names) {}

  std::string read() {
    for (const Slot& s : places_.slots) entry(s);
    for (const Ref k : places_.refs)
      if (const std::uint32_t f = next(); f != kNothing) say(names_.refs[index(k)] + frame(f));
    for (std::uint32_t p = 0; p < places_.processes; ++p)
      if (const std::uint32_t anon = next(); anon != kNothing)
        say("rss " + trace::process_text(Pid{p}, names_) + " " + number(anon) + numbers(3));
    say("pages" + numbers(4));
    return text_;
  }

 private:
  std::uint32_t next() { return at_ < state_.size() ? state_[at_++] : 0; }
  static std::string number(std::uint32_t n) { return std::to_string(n); }
  std::string numbers(int count) {
    std::string words;
    for (int i = 0; i < count; ++i) words += " " + number(next());
    return words;
  }
  void say(const std::string& words) { text_ += (text_.empty() ? "" : ", ") + words; }

  void entry(const Slot& s) {
    const std::uint32_t bits = next();
    std::string words = trace::slot_text(s, names_);
    if ((bits & 64u) != 0) words += " swap swapcount " + number(next());
    if ((bits & 8u) == 0) {
      if ((bits & 128u) != 0) words += frame(next());
      if ((bits & 64u) != 0) say(words);
      return;
    }
    words += (bits & 16u) != 0 ? " rw" : " ro";
    if ((bits & 32u) != 0) words += " dirty";
    const std::uint32_t f = next();
    say(words + frame(f));
  }
  std::string frame(std::uint32_t f) {
    std::string words = " f" + number(f);
    if (f < pages_) return words;
    ++pages_;
    const std::uint32_t kind = next();
    words += " (" + std::string(trace::kKindWords[kind >> 1]);
    if ((kind & 1u) != 0) words += " exclusive";
    words += " mapcount " + number(next());
    words += " pins " + number(next());
    words += " refcount " + number(next());
    const std::uint32_t cells = next();
    for (int shift = 24; shift >= 0; shift -= 8) words += " " + number(cells >> shift & 255u);
    return words + ")";
  }

  const std::vector<std::uint32_t>& state_;
  const Places& places_;
  const trace::NameTable& names_;
  std::size_t at_ = 0;
  std::uint32_t pages_ = 0;
  std::string text_;
};

}  // namespace

std::string describe(const Outcomes& outcomes) {
  std::string text;
  for (std::size_t c = 0; c < outcomes.size(); ++c) {
    if (c > 0) text += " | ";
    for (std::size_t i = 0; i < outcomes[c].size(); ++i) {
      const Result& r = outcomes[c][i];
      text += (i > 0 ? ", " : "") + std::string(trace::kOutcomeWords[trace::index_of(r.outcome)]);
      if (r.has_value) text += " " + std::to_string(r.value);
    }
  }
  return text;
}

std::string describe_state(const std::vector<std::uint32_t>& state, const Places& places,
                           const trace::NameTable& names) {
  return Reader(state, places, names).read();
}

}  // namespace cow::par

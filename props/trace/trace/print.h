// Trace to text, in one canonical form.
#pragma once

#include <string>
#include <string_view>

#include "trace/trace.h"

namespace cow::trace {

// The whole trace. Parsing it gives an equal trace; printing that gives the same text.
[[nodiscard]] std::string print(const Trace& trace);
// The lines of one item, expectations included, each with its line end.
[[nodiscard]] std::string print(const Item& item, const NameTable& names);
// One step without expectations and line end: `P0 write a[3] = 1`.
[[nodiscard]] std::string print(const Step& step, const NameTable& names);

// `reused`, `{copied,reused}`, `-`, or by rule set: `5.7:reused *:copied`. Empty if nothing is
// asked.
using SpellElement = std::string (*)(std::uint32_t);
[[nodiscard]] std::string print(const Expectation& wanted, SpellElement spell);
// What one rule set expects: `reused`, `{copied,reused}` or `-`.
[[nodiscard]] std::string print(const Wanted& wanted, SpellElement spell);
[[nodiscard]] std::string spell_outcome(std::uint32_t outcome);
[[nodiscard]] std::string spell_number(std::uint32_t number);
// How the elements of a fact's expectation are spelled.
[[nodiscard]] SpellElement speller_of(FactKind kind);

// `?x != 1`
[[nodiscard]] std::string print(const Comparison& comparison);
// `none`, `missed,wrong`, `ISO-1`.
[[nodiscard]] std::string print(const Verdict& verdict);

// `P0@1`, and `P0` of thread 0.
[[nodiscard]] std::string actor_text(const Step& step, const NameTable& names);
// `P0`
[[nodiscard]] std::string process_text(Pid process, const NameTable& names);
// `P0.a[3]`
[[nodiscard]] std::string slot_text(const Slot& slot, const NameTable& names);
// `a`, `a[3]`, `a[0..3]`, `a[3].2`
[[nodiscard]] std::string place_text(std::string_view region, std::uint32_t first,
                                     std::uint32_t last, std::uint8_t cell);
// A step of a process without its actor: `write a[3] = 1`; any other as a whole.
[[nodiscard]] std::string step_body(const Step& step, const NameTable& names);

}  // namespace cow::trace

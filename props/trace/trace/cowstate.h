// A state (`.cowstate`): a snapshot to check invariants on. What is not said is unknown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cow/step.h"
#include "trace/error.h"
#include "trace/trace.h"

namespace cow::trace {

// `frame 3 anon refcount 2 mapcount 2`
struct StateFrame {
  Source at;
  std::uint32_t number = 0;
  std::optional<PageKind> kind;  // anon, file, shmem, zero or ksm
  std::optional<std::uint32_t> refcount, mapcount, pins;
  bool exclusive = false;  // these two: said, or unknown
  bool swapcache = false;
  bool operator==(const StateFrame&) const = default;
};

// `P0 a[1]`
struct StatePlace {
  std::uint32_t process = 0;  // the n of `Pn`
  std::string region;
  std::uint32_t page = 0;
  // The check takes the 0 of the generated comparison for a pointer.
  auto operator<=>(const StatePlace&) const = default;  // NOLINT(modernize-use-nullptr)
};

enum class Shows : std::uint8_t { frame, swap, migration };

// `P0 a[0] frame 3 rw private`
struct StateEntry {
  Source at;
  StatePlace place;
  Shows shows = Shows::frame;
  std::uint32_t number = 0;  // of the frame, or of the swap slot
  std::optional<Prot> prot;  // ro or rw
  std::optional<Share> share;
  bool dirty = false;  // these two: said, or unknown
  bool young = false;
  bool operator==(const StateEntry&) const = default;
};

// `k frame 3 ro get of P0 a[0]`
struct StateReference {
  Source at;
  std::string name;
  std::uint32_t frame = 0;
  std::optional<Prot> prot;      // ro or rw
  std::optional<bool> foll_pin;  // pin or get
  std::optional<StatePlace> of;
  bool operator==(const StateReference&) const = default;
};

struct State {
  std::string file;  // where it was read from; not part of what it says
  std::vector<StateFrame> frames;
  std::vector<StateEntry> entries;
  std::vector<StateReference> references;
  bool complete = false;  // everything is listed
  bool operator==(const State& other) const;
};

using ParsedState = std::variant<State, Error>;

// Reads a state, as parse() reads a trace. A frame, a place or a reference is described once.
[[nodiscard]] ParsedState parse_state(const std::string& file, std::string_view text);
// The state in canonical form: frames, entries, references, `complete`.
[[nodiscard]] std::string print(const State& state);
// One line of it, without line end.
[[nodiscard]] std::string print(const StateFrame& frame);
[[nodiscard]] std::string print(const StateEntry& entry);
[[nodiscard]] std::string print(const StateReference& reference);
// `P0 a[1]`
[[nodiscard]] std::string print(const StatePlace& place);
// As a trace's hash, of the canonical print.
[[nodiscard]] std::string hash(const State& state);

}  // namespace cow::trace

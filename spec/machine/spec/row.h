// The words in which rows of state are written.
#pragma once

namespace cow::spec {

template <class L> using Flag = typename L::template Field<typename L::Bool>;
template <class L, class T> using Is = typename L::template Field<T>;
inline constexpr bool yes = true, no = false;

// What a place holds now.
auto value(const auto& place) { return place; }

}  // namespace cow::spec

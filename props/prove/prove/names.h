// What the columns of each table are called in formulas, in the order of the row's fields.
#pragma once

#include "spec/ideal.h"
#include "spec/state.h"

namespace cow::prove {

struct Symbolic;
struct UpperRow;
struct FolioRow;

template <class Row> inline constexpr const char* kNames = nullptr;
template <>
inline constexpr auto kNames<spec::Vma<Symbolic>> =
    "read write shared file shmem anon_vma inherited dontfork wipe locked mergeable uffd huge "
    "nohuge";
template <>
inline constexpr auto kNames<spec::Pte<Symbolic>> = "present writable dirty young soft_dirty frame";
template <>
inline constexpr auto kNames<spec::Page<Symbolic>> =
    "allocated anon shmem cached exclusive block data";
template <> inline constexpr auto kNames<spec::SwapPte<Symbolic>> = "is_swap exclusive slot";
template <> inline constexpr auto kNames<spec::SwapSlot<Symbolic>> = "cached frame data";
template <> inline constexpr auto kNames<spec::MorePage<Symbolic>> = "ksm in_cache dirty lazy slot";
template <> inline constexpr auto kNames<spec::UffdPte<Symbolic>> = "wp";
template <> inline constexpr auto kNames<spec::Block<Symbolic>> = "cached frame";
template <> inline constexpr auto kNames<spec::Mm<Symbolic>> = "has_pinned";
template <> inline constexpr auto kNames<spec::Reference<Symbolic>> = "live pin write stray frame";
template <>
inline constexpr auto kNames<spec::Copying<Symbolic>> =
    "busy ready unshare dirty young soft_dirty wp slot old fresh";
template <> inline constexpr auto kNames<UpperRow> = "huge table";
template <> inline constexpr auto kNames<FolioRow> = "large others";
template <> inline constexpr auto kNames<spec::Place<Symbolic>> = "own object";
template <> inline constexpr auto kNames<spec::Object<Symbolic>> = "data slot";
template <> inline constexpr auto kNames<spec::Content<Symbolic>> = "written data";
template <> inline constexpr auto kNames<spec::Naming<Symbolic>> = "named object on_shared block";

}  // namespace cow::prove

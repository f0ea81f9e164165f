#include "snapshot/print.h"

#include <fmt/core.h>
#include <sys/utsname.h>

namespace cow::snapshot {
namespace {

// Names of programs and files are anybody's bytes; a comment is plain text on one line.
std::string plain(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) text += c >= ' ' && c <= '~' ? c : '?';
  return text;
}

std::string kernel() {
  utsname name{};
  return uname(&name) == 0 ? std::string(name.sysname) + " " + name.release : "an unknown kernel";
}

std::string processes(const Snapshot& shot) {
  std::string text;
  for (std::size_t n = 0; n < shot.processes.size(); ++n) {
    const Seen& seen = shot.processes[n];
    text += fmt::format("# P{} is process {} ({})\n", n, seen.pid, plain(seen.name));
    for (const Area& area : seen.areas)
      text += fmt::format("#   {} {}{} {}\n", region_name(area), area.may_write ? "rw" : "ro",
                          area.share == Share::shared ? " shared" : "",
                          area.shows.empty() ? "anonymous" : plain(area.shows));
  }
  return text;
}

std::string counted(std::uint64_t count, const char* what) {
  return count == 0 ? "" : fmt::format("# left out: {} {}\n", count, what);
}

std::string what_is_missing(const Snapshot& shot) {
  std::string text =
      "# Linux shows nobody refcounts, pins, the exclusive mark, or an entry's writable, dirty "
      "and\n"
      "# young bits: these are not said. `ro` is said where the area forbids writing.\n";
  if (!shot.frames_visible)
    text +=
        "# Frames are not shown to this user (CAP_SYS_ADMIN would do): only pages that are mapped\n"
        "# once are listed.\n";
  else if (!shot.counts_visible)
    text += "# /proc/kpagecount and /proc/kpageflags cannot be read: no mapcounts, no kinds.\n";
  const LeftOut& out = shot.left_out;
  return text + counted(out.changed, "entries that changed while they were looked at") +
         counted(out.without_frame, "entries whose frame is not shown") +
         counted(out.not_swap, "entries that are neither present nor known to be swap") +
         counted(out.too_large, "areas of more than 16777216 pages");
}

}  // namespace

std::string print(const Snapshot& snapshot) {
  return "# Written by `cow snapshot` on " + plain(kernel()) + "\n" + processes(snapshot) +
         what_is_missing(snapshot) + "\n" + trace::print(snapshot.state);
}

}  // namespace cow::snapshot

#include "snapshot/page_map.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace cow::snapshot {
namespace {

using trace::PageKind;

// Bits of /proc/kpageflags, from the kernel's documentation of pagemap.
enum Flag : unsigned {
  kUptodate = 3,
  kAnon = 12,
  kSwapCache = 13,
  kSwapBacked = 14,
  kCompoundHead = 15,
  kCompoundTail = 16,
  kHuge = 17,
  kKsm = 21,
  kThp = 22,
  kZeroPage = 24,
};

bool has(std::uint64_t flags, Flag flag) { return (flags >> flag & 1) != 0; }

std::optional<PageKind> kind_of(std::uint64_t flags, bool ksm_is_used) {
  if (has(flags, kZeroPage)) return PageKind::zero;
  // Some 6.18 kernels set the KSM flag on every anonymous page.
  if (has(flags, kKsm) && ksm_is_used) return PageKind::ksm;
  if (has(flags, kAnon)) return PageKind::anon;
  if (has(flags, kHuge)) return std::nullopt;
  if (has(flags, kSwapBacked)) return PageKind::shmem;
  // A driver's page is mapped too, and is none of the page cache.
  if (has(flags, kUptodate)) return PageKind::file;
  return std::nullopt;
}

// Since 6.15 a kernel may count a large folio as a whole: no count of this page.
bool counts_as_a_whole(std::uint64_t flags) {
  return has(flags, kCompoundHead) || has(flags, kCompoundTail) || has(flags, kHuge) ||
         has(flags, kThp);
}

}  // namespace

WordFile::WordFile(const std::string& path) {
  file_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) errno_ = errno;
}

WordFile::~WordFile() {
  if (file_ >= 0) close(file_);
}

std::vector<std::uint64_t> WordFile::read(std::uint64_t index, std::size_t count) const {
  std::vector<std::uint64_t> words(count);
  auto* bytes = reinterpret_cast<char*>(words.data());
  const std::size_t size = count * sizeof(std::uint64_t);
  std::size_t done = 0;
  while (done < size) {
    const auto from = static_cast<off_t>(index * sizeof(std::uint64_t) + done);
    const ssize_t got = pread(file_, bytes + done, size - done, from);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  words.resize(done / sizeof(std::uint64_t));
  return words;
}

bool ksm_is_used() {
  std::ifstream in("/sys/kernel/mm/ksm/pages_shared");
  std::uint64_t pages = 0;
  return (in >> pages) && pages != 0;
}

std::uint64_t swap_areas() {
  std::ifstream in("/proc/swaps");
  std::uint64_t lines = 0;
  for (std::string line; std::getline(in, line);) ++lines;
  return lines == 0 ? 0 : lines - 1;
}

Frames::Frames()
    : counts_("/proc/kpagecount"), flags_("/proc/kpageflags"), ksm_is_used_(ksm_is_used()) {}

FrameFacts Frames::facts(std::uint64_t frame) const {
  FrameFacts facts;
  if (!visible()) return facts;
  const auto flags = flags_.read(frame, 1), count = counts_.read(frame, 1);
  if (flags.size() != 1 || count.size() != 1) return facts;
  facts.kind = kind_of(flags[0], ksm_is_used_);
  facts.swapcache = has(flags[0], kSwapCache) && facts.kind == PageKind::anon;
  const bool counted = facts.kind && facts.kind != PageKind::zero && !counts_as_a_whole(flags[0]);
  if (counted && count[0] <= 0x7fffffff) facts.mapcount = static_cast<std::uint32_t>(count[0]);
  return facts;
}

}  // namespace cow::snapshot

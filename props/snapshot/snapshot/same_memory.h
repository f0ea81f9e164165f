// Whether two process numbers stand for one address space: threads, CLONE_VM, or vfork before exec.
#pragma once

namespace cow::snapshot {

// Its entries would be listed twice, and every mapcount would look too small.
[[nodiscard]] bool share_memory(int pid, int other);

}  // namespace cow::snapshot

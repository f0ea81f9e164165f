#include "kernel/userfaults.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <initializer_list>

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

namespace cow::kernel {

// Where only faults of the program itself may be delivered, that has to do.
int open_userfaults() {
  for (const int mode : {0, UFFD_USER_MODE_ONLY}) {
    const int fd = static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC | mode));
    if (fd < 0) continue;
    uffdio_api api{};
    api.api = UFFD_API;
    api.features = UFFD_FEATURE_SIGBUS | UFFD_FEATURE_PAGEFAULT_FLAG_WP;
    if (ioctl(fd, UFFDIO_API, &api) == 0) return fd;
    close(fd);
  }
  return -1;
}

}  // namespace cow::kernel

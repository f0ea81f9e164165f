// userfaultfd for write protection: a write to a protected page is delivered as SIGBUS.
#pragma once

namespace cow::kernel {

// Of this process; -1: it cannot be had, errno says why.
int open_userfaults();

}  // namespace cow::kernel

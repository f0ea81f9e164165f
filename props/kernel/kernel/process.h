// A model process: takes orders from its mailbox until it is told to exit, or the controller dies.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "kernel/mailbox.h"

namespace cow::kernel {

// Starts a process that serves boxes[self]; the controller is its parent. -1: errno says why.
pid_t start_process(Mailbox* boxes, std::uint32_t self);

}  // namespace cow::kernel

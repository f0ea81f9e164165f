// One access of a model process to its memory: its faults are counted, its signals caught.
#pragma once

#include <cstdint>

#include "kernel/mailbox.h"

namespace cow::kernel {

void catch_signals();  // from here on, a SIGSEGV or SIGBUS of an access ends that access

void read_byte(std::uint64_t address, Answer& answer);
void write_byte(std::uint64_t address, std::uint8_t value, Answer& answer);
// Through a descriptor of /proc/self/mem, which forces the access.
void mem_read_byte(int memory, std::uint64_t address, Answer& answer);
void mem_write_byte(int memory, std::uint64_t address, std::uint8_t value, Answer& answer);
// Four bytes of each page, until a signal.
void peek_pages(std::uint64_t address, std::uint64_t pages, Answer& answer);

}  // namespace cow::kernel

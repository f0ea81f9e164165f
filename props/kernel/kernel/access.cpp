#include "kernel/access.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csetjmp>
#include <csignal>

namespace cow::kernel {
namespace {

// Everything that is touched between the two counts stands here, and is touched before: a fault of
// the counting itself would be taken for one of the access.
sigjmp_buf back;
volatile std::sig_atomic_t caught;
rusage usage_before, usage_after;
volatile std::uint8_t warm, loaded;
// Pages of each process's own, more than Linux flushes one by one (tlb_single_page_flush_ceiling:
// 33).
constexpr std::size_t kScratchBytes = std::size_t{64} * 4096;
void* scratch = MAP_FAILED;

void on_signal(int signal) {
  caught = signal;
  siglongjmp(back, 1);
}

// In assembly, so that no sanitizer looks at memory of its own for each of these.
std::uint8_t load(std::uint64_t address) {
  std::uint8_t byte;
  asm volatile("movb (%1), %0" : "=q"(byte) : "r"(address) : "memory");
  return byte;
}
void store(std::uint64_t address, std::uint8_t byte) {
  asm volatile("movb %1, (%0)" : : "r"(address), "q"(byte) : "memory");
}

std::uint64_t faults() {
  return static_cast<std::uint64_t>(usage_after.ru_minflt - usage_before.ru_minflt +
                                    usage_after.ru_majflt - usage_before.ru_majflt);
}

// A kernel that makes an entry writable for an access of its own (FOLL_FORCE, GUP) leaves the CPU's
// older, stricter translation: x86 lets the next write fault for nothing, and drops it then. So
// that no such fault is counted, all translations of this process go first.
void forget_translations() {
  if (scratch == MAP_FAILED) return;
  mprotect(scratch, kScratchBytes, PROT_NONE);
  mprotect(scratch, kScratchBytes, PROT_READ | PROT_WRITE);
}

// access(address), with its faults, or the signal that ended it.
template <class Access> void count(std::uint64_t address, Answer& answer, Access access) {
  if (sigsetjmp(back, 0) != 0) {
    answer.signal = caught;
    return;
  }
  getrusage(RUSAGE_THREAD, &usage_before);
  access(address);
  getrusage(RUSAGE_THREAD, &usage_after);
  answer.faults = faults();
}

// Once on a page of our own, then in earnest: by then the way there is mapped.
template <class Access> void measure(std::uint64_t address, Answer& answer, Access access) {
  volatile std::uint64_t where = reinterpret_cast<std::uint64_t>(&warm);
  for (int round = 0; round < 2; ++round) {
    count(where, answer, access);
    where = address;
  }
}

}  // namespace

void catch_signals() {
  if (scratch == MAP_FAILED)
    scratch = mmap(nullptr, kScratchBytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_NODEFER;
  for (const int signal : {SIGSEGV, SIGBUS}) sigaction(signal, &action, nullptr);
}

void read_byte(std::uint64_t address, Answer& answer) {
  warm = 0;
  loaded = 0;
  measure(address, answer, [](std::uint64_t at) { loaded = load(at); });
  answer.value = loaded;
}

void write_byte(std::uint64_t address, std::uint8_t value, Answer& answer) {
  forget_translations();
  measure(address, answer, [value](std::uint64_t at) { store(at, value); });
}

void mem_read_byte(int memory, std::uint64_t address, Answer& answer) {
  static std::uint8_t byte;
  static ssize_t got;
  byte = 0;
  measure(address, answer,
          [memory](std::uint64_t at) { got = pread(memory, &byte, 1, static_cast<off_t>(at)); });
  answer.error = got == 1 ? 0 : got < 0 ? errno : EIO;
  answer.value = byte;
}

void mem_write_byte(int memory, std::uint64_t address, std::uint8_t value, Answer& answer) {
  static std::uint8_t byte;
  static ssize_t got;
  byte = value;
  measure(address, answer,
          [memory](std::uint64_t at) { got = pwrite(memory, &byte, 1, static_cast<off_t>(at)); });
  answer.error = got == 1 ? 0 : got < 0 ? errno : EIO;
}

void peek_pages(std::uint64_t address, std::uint64_t pages, Answer& answer) {
  static volatile std::uint64_t start, page;  // not in a register when the signal comes
  start = address;
  if (sigsetjmp(back, 0) != 0) {
    answer.signal = caught;
    answer.value = static_cast<std::uint32_t>(page);
    return;
  }
  const std::uint64_t many = std::min<std::uint64_t>(pages, kPeekPages);
  for (std::uint64_t i = 0; i < many; ++i) {
    page = i;
    for (std::uint64_t cell = 0; cell < 4; ++cell) {
      const std::uint64_t at = start + i * 4096 + cell * 1024;
      answer.bytes[i * 4 + cell] = load(at);
    }
  }
  answer.value = static_cast<std::uint32_t>(many);
}

}  // namespace cow::kernel

#include "kernel/references.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "kernel/page.h"

namespace cow::kernel {
namespace {

template <class T> T* at(void* base, std::uint32_t offset) {
  return reinterpret_cast<T*>(static_cast<char*>(base) + offset);
}
std::uint32_t load(void* base, std::uint32_t offset) {
  return std::atomic_ref(*at<std::uint32_t>(base, offset)).load(std::memory_order_acquire);
}
void store(void* base, std::uint32_t offset, std::uint32_t value) {
  std::atomic_ref(*at<std::uint32_t>(base, offset)).store(value, std::memory_order_release);
}
int enter(int fd) {
  return static_cast<int>(
      syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0));
}

}  // namespace

References::~References() {
  drop_all();
  for (Slot& s : slots_) {
    close_ring(s.ring);
    for (const int fd : s.pipe) close(fd);
  }
  for (const int fd : side_)
    if (fd >= 0) close(fd);
}

bool References::make_side_pipe() {
  return side_[0] >= 0 || pipe2(side_, O_CLOEXEC | O_NONBLOCK) == 0;
}

bool References::make_room(std::size_t names) {
  if (!make_side_pipe()) return false;
  while (slots_.size() < names) {
    Slot slot;
    if (pipe2(slot.pipe, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    if (can_pin()) slot.ring = make_ring();
    slots_.push_back(slot);
  }
  return true;
}

bool References::can_pin() {
  if (!can_pin_) {
    Ring ring = make_ring();
    can_pin_ = ring.fd >= 0;
    close_ring(ring);
  }
  return *can_pin_;
}

bool References::can_pin_file(int file) {
  if (!can_pin()) return false;
  void* const page = mmap(nullptr, kPageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  if (page == MAP_FAILED) return false;
  Ring ring = make_ring();
  const iovec buffer{page, kPageSize};
  const bool pinned = ring.fd >= 0 && syscall(SYS_io_uring_register, ring.fd,
                                              IORING_REGISTER_BUFFERS, &buffer, 1) == 0;
  close_ring(ring);
  munmap(page, kPageSize);
  return pinned;
}

int References::ring_of(Ref k) { return slots_[index(k)].ring.fd; }

References::Ring References::make_ring() {
  io_uring_params p{};
  Ring ring;
  ring.fd = static_cast<int>(syscall(SYS_io_uring_setup, 2, &p));
  if (ring.fd < 0) return {};
  ring.queues_size = std::max<std::size_t>(p.sq_off.array + p.sq_entries * sizeof(std::uint32_t),
                                           p.cq_off.cqes + p.cq_entries * sizeof(io_uring_cqe));
  ring.entries_size = p.sq_entries * sizeof(io_uring_sqe);
  constexpr int kAccess = PROT_READ | PROT_WRITE;
  if ((p.features & IORING_FEAT_SINGLE_MMAP) != 0) {
    ring.queues = mmap(nullptr, ring.queues_size, kAccess, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
    ring.entries = mmap(nullptr, ring.entries_size, kAccess, MAP_SHARED, ring.fd, IORING_OFF_SQES);
  }
  if (ring.queues == nullptr || ring.queues == MAP_FAILED || ring.entries == MAP_FAILED) {
    close(ring.fd);
    return {};
  }
  ring.sq_tail = p.sq_off.tail;
  ring.sq_array = p.sq_off.array;
  ring.cq_head = p.cq_off.head;
  ring.cq_tail = p.cq_off.tail;
  ring.cqes = p.cq_off.cqes;
  ring.sq_mask = load(ring.queues, p.sq_off.ring_mask);
  ring.cq_mask = load(ring.queues, p.cq_off.ring_mask);
  return ring;
}

void References::close_ring(Ring& ring) {
  if (ring.fd < 0) return;
  munmap(ring.queues, ring.queues_size);
  munmap(ring.entries, ring.entries_size);
  close(ring.fd);
  ring = {};
}

// One byte between the fixed buffer, at an address of its owner, and a file.
bool References::transfer(Ring& ring, bool into_buffer, int fd, std::uint64_t address) {
  const std::uint32_t tail = load(ring.queues, ring.sq_tail), slot = tail & ring.sq_mask;
  io_uring_sqe& entry = static_cast<io_uring_sqe*>(ring.entries)[slot];
  std::memset(&entry, 0, sizeof entry);
  entry.opcode = into_buffer ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED;
  entry.fd = fd;
  entry.addr = address;
  entry.len = 1;
  store(ring.queues, ring.sq_array + slot * std::uint32_t{sizeof(std::uint32_t)}, slot);
  store(ring.queues, ring.sq_tail, tail + 1);
  if (enter(ring.fd) != 1) return false;
  const std::uint32_t head = load(ring.queues, ring.cq_head);
  if (head == load(ring.queues, ring.cq_tail)) return false;
  const auto* done = at<io_uring_cqe>(ring.queues, ring.cqes) + (head & ring.cq_mask);
  const bool worked = done->res == 1;
  store(ring.queues, ring.cq_head, head + 1);
  return worked;
}

void References::took_pipe(Ref k) { slots_[index(k)].held = Held::page; }

void References::took_buffer(Ref k, std::uint64_t address) {
  slots_[index(k)].held = Held::buffer;
  slots_[index(k)].address = address;
}

std::optional<std::uint8_t> References::read(Ref k, std::uint32_t offset) {
  Slot& s = slots_[index(k)];
  std::uint8_t bytes[kPageSize];
  if (s.held == Held::buffer) {
    if (!transfer(s.ring, false, side_[1], s.address + offset)) return std::nullopt;
    if (::read(side_[0], bytes, 1) != 1) return std::nullopt;
    return bytes[0];
  }
  if (tee(s.pipe[0], side_[1], kPageSize, SPLICE_F_NONBLOCK) != static_cast<ssize_t>(kPageSize))
    return std::nullopt;
  if (::read(side_[0], bytes, kPageSize) != static_cast<ssize_t>(kPageSize)) return std::nullopt;
  return bytes[offset];
}

bool References::write(Ref k, std::uint32_t offset, std::uint8_t value) {
  Slot& s = slots_[index(k)];
  return ::write(side_[1], &value, 1) == 1 && transfer(s.ring, true, side_[0], s.address + offset);
}

bool References::drop(Ref k) {
  Slot& s = slots_[index(k)];
  const Held held = s.held;
  s.held = Held::nothing;
  std::uint8_t bytes[kPageSize];
  if (held == Held::page)
    return ::read(s.pipe[0], bytes, kPageSize) == static_cast<ssize_t>(kPageSize);
  return held == Held::nothing ||
         syscall(SYS_io_uring_register, s.ring.fd, IORING_UNREGISTER_BUFFERS, nullptr, 0) == 0;
}

void References::drop_all() {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) drop(Ref{i});
}

}  // namespace cow::kernel

// References that outlive their owners: a page in a pipe is a `ro get`, a fixed buffer of an
// io_uring is a long-term `rw pin`. Both are made before the first process, which inherits them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cow/ids.h"

namespace cow::kernel {

class References {
 public:
  References() = default;
  References(const References&) = delete;
  References& operator=(const References&) = delete;
  ~References();

  // Room for that many names; false: the kernel gives no pipes.
  bool make_room(std::size_t names);
  // Whether an io_uring can be had at all.
  [[nodiscard]] bool can_pin();
  // Whether it takes pages of a private mapping of that file, which has one page at least.
  [[nodiscard]] bool can_pin_file(int file);
  void drop_all();

  [[nodiscard]] int pipe_of(Ref k) const { return slots_[index(k)].pipe[1]; }
  // -1: there is none to be had.
  int ring_of(Ref k);

  // What the owner did worked: from here on the name stands for the page at that address.
  void took_pipe(Ref k);
  void took_buffer(Ref k, std::uint64_t address);

  [[nodiscard]] bool live(Ref k) const {
    return index(k) < slots_.size() && slots_[index(k)].held != Held::nothing;
  }
  [[nodiscard]] bool writable(Ref k) const { return slots_[index(k)].held == Held::buffer; }
  // Nothing if the kernel would not do it. REQUIRES: live(k); for write: writable(k).
  std::optional<std::uint8_t> read(Ref k, std::uint32_t offset);
  bool write(Ref k, std::uint32_t offset, std::uint8_t value);
  bool drop(Ref k);

 private:
  enum class Held : std::uint8_t { nothing, page, buffer };
  struct Ring {
    int fd = -1;
    void *entries = nullptr, *queues = nullptr;
    std::size_t entries_size = 0, queues_size = 0;
    std::uint32_t sq_tail = 0, sq_mask = 0, sq_array = 0, cq_head = 0, cq_tail = 0, cq_mask = 0,
                  cqes = 0;  // offsets in the queues
  };
  struct Slot {
    int pipe[2] = {-1, -1};
    Ring ring;
    Held held = Held::nothing;
    std::uint64_t address = 0;  // of a fixed buffer
  };

  static Ring make_ring();
  static void close_ring(Ring& ring);
  static bool transfer(Ring& ring, bool into_buffer, int fd, std::uint64_t address);
  bool make_side_pipe();

  std::vector<Slot> slots_;
  int side_[2] = {-1, -1};  // what is read from a page, or to be written to it
  std::optional<bool> can_pin_;
};

}  // namespace cow::kernel

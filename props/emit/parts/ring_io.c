/* Moves one byte between the registered buffer and a file. */
static void ring_io(const struct args *args, int opcode, int file)
{
	struct ring *ring = &rings[args->ref];
	unsigned int *tail = (unsigned int *)(ring->queues + ring->params.sq_off.tail);
	unsigned int *slots = (unsigned int *)(ring->queues + ring->params.sq_off.array);
	unsigned int *head = (unsigned int *)(ring->queues + ring->params.cq_off.head);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(ring->queues + ring->params.cq_off.cqes);
	struct io_uring_cqe *cqe = &cqes[*head % ring->params.cq_entries];
	struct io_uring_sqe sqe = { .opcode = (__u8)opcode, .fd = file, .len = 1 };

	sqe.addr = (uintptr_t)(place(args) + args->cell * CELL);
	ring->sqes[0] = sqe;
	slots[*tail % ring->params.sq_entries] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		bail_out("io_uring_enter");
	if (cqe->res != 1) {
		errno = -cqe->res;
		bail_out("io through a registered buffer");
	}
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
}

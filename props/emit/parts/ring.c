#include <linux/io_uring.h>

/* A read-write pin, FOLL_PIN and FOLL_LONGTERM: a buffer registered with io_uring. */
struct ring {
	int fd;
	struct io_uring_params params;
	unsigned char *queues;
	struct io_uring_sqe *sqes;
};

static struct ring rings[REFS];

static void open_ring(int ref)
{
	struct ring *ring = &rings[ref];
	size_t size;

	ring->fd = (int)syscall(SYS_io_uring_setup, 1, &ring->params);
	if (ring->fd < 0) {
		rest_skipped = "this kernel lets this user have no io_uring";
		return;
	}
	size = ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned int);
	if (size < ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe))
		size = ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe);
	ring->queues = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, ring->params.sq_entries * sizeof(*ring->sqes), PROT_READ | PROT_WRITE,
			  MAP_SHARED, ring->fd, (off_t)IORING_OFF_SQES);
	if (ring->queues == MAP_FAILED || ring->sqes == MAP_FAILED)
		bail_out("mapping io_uring");
}

static void pin_ring(const struct args *args, struct reply *reply)
{
	struct iovec page = { .iov_base = place(args), .iov_len = PAGE };

	drain();
	if (syscall(SYS_io_uring_register, rings[args->ref].fd, IORING_REGISTER_BUFFERS, &page, 1) == 0)
		reply->outcome = "ok";
	else if (errno == EFAULT)
		reply->outcome = "segv|sigbus";
	else
		reply->why = errno == ENOMEM ? "too little lockable memory" : "io_uring refuses such memory";
}

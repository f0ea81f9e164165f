static void ring_unpin(const struct args *args, struct reply *reply)
{
	if (syscall(SYS_io_uring_register, rings[args->ref].fd, IORING_UNREGISTER_BUFFERS, NULL, 0) != 0)
		bail_out("unregistering a buffer");
	reply->outcome = "ok";
}

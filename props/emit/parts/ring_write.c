static void ring_write(const struct args *args, struct reply *reply)
{
	unsigned char byte = (unsigned char)args->value;
	int file = memfd_create("cow", MFD_CLOEXEC);

	if (pwrite(file, &byte, 1, 0) != 1)
		bail_out("memfd");
	ring_io(args, IORING_OP_READ_FIXED, file);
	close(file);
	reply->outcome = "ok";
}

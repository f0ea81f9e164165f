static void ring_read(const struct args *args, struct reply *reply)
{
	unsigned char byte = 0;
	int file = memfd_create("cow", MFD_CLOEXEC);

	ring_io(args, IORING_OP_WRITE_FIXED, file);
	if (pread(file, &byte, 1, 0) != 1)
		bail_out("memfd");
	close(file);
	reply->value = byte;
	reply->outcome = "ok";
}

static void clear_refs(const struct args *args, struct reply *reply)
{
	static volatile unsigned char ours;
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	bool cleared = fd >= 0 && write(fd, "4", 1) == 1;

	(void)args;
	if (fd >= 0)
		close(fd);
	ours = 1;
	if (cleared && (entry_at((const void *)&ours) >> 55 & 1))
		reply->outcome = "ok";
	else
		reply->why = "this kernel keeps no soft-dirty bits";
}

/* What a process sees of its own page table. Without CAP_SYS_ADMIN the frame is 0. */
static uint64_t entry_at(const void *address)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)address / PAGE * sizeof(entry))) !=
	    sizeof(entry))
		entry = 0;
	close(fd);
	return entry;
}

static bool is_present(uint64_t entry)
{
	return entry >> 63 & 1;
}

static inline uint64_t frame_of(uint64_t entry)
{
	return is_present(entry) ? entry & ((UINT64_C(1) << 55) - 1) : 0;
}

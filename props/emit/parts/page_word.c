/* A word of /proc/kpagecount or /proc/kpageflags; false: not shown to this user. */
static bool page_word(const char *file, uint64_t frame, uint64_t *word)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool done;

	if (fd < 0 || frame == 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	done = pread(fd, word, sizeof(*word), (off_t)(frame * sizeof(*word))) == sizeof(*word);
	close(fd);
	return done;
}

static void mapcount(const char *text, int process, struct args args, const char *wanted)
{
	uint64_t count, flags;
	char seen[24];

	step(text, process, look, args);
	if (rest_skipped) {
		skip(text, rest_skipped);
	} else if (!page_word("/proc/kpagecount", frame_of(last.entry), &count) ||
		   !page_word("/proc/kpageflags", frame_of(last.entry), &flags)) {
		skip(text, "counts are not shown to this user");
	} else if (!(flags >> 12 & 1)) {
		/* Neighbours are mapped around a fault, so that a cache page's count says little. */
		skip(text, "counted for anonymous pages only");
	} else {
		snprintf(seen, sizeof(seen), "%llu", (unsigned long long)count);
		judge(wanted, seen);
	}
}

static void kind(const char *text, int process, struct args args, const char *of_cache, const char *wanted)
{
	uint64_t flags;

	step(text, process, look, args);
	if (rest_skipped)
		skip(text, rest_skipped);
	else if (!is_present(last.entry))
		judge(wanted, "none");
	else if (last.entry >> 61 & 1)
		judge(wanted, of_cache);
	else if (!page_word("/proc/kpageflags", frame_of(last.entry), &flags))
		skip(text, "page flags are not shown to this user");
	else
		judge(wanted, flags >> 24 & 1 ? "zero" : flags >> 12 & 1 ? "anon" : "unknown");
}

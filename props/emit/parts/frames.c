static void frames(const char *text, int process, struct args args, int other, struct args others,
		   const char *wanted)
{
	uint64_t frame;

	step(text, process, look, args);
	frame = frame_of(last.entry);
	step(text, other, look, others);
	if (rest_skipped)
		skip(text, rest_skipped);
	else if (frame == 0 || frame_of(last.entry) == 0)
		skip(text, "a frame is absent, or not shown to this user");
	else
		judge(wanted, frame == frame_of(last.entry) ? "same" : "different");
}

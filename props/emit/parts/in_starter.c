/* References belong to no process: the one that started all reads and writes through them. */
static void step_here(const char *text, action *act, struct args args)
{
	last_text = text;
	memset(&last, 0, sizeof(last));
	last.value = -1;
	if (!rest_skipped)
		act(&args, &last);
}

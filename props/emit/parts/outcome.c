static void outcome(const char *wanted)
{
	/* What follows a step that could not be done here would be another trace. */
	if (!rest_skipped && !last.outcome)
		rest_skipped = last.why;
	if (rest_skipped)
		skip(last_text, rest_skipped);
	else
		judge(wanted, last.outcome);
}

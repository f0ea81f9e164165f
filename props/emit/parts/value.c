static void value(const char *wanted)
{
	char seen[16] = "none";

	if (rest_skipped || !last.outcome) {
		skip(last_text, rest_skipped ? rest_skipped : last.why);
		return;
	}
	if (last.value >= 0)
		snprintf(seen, sizeof(seen), "%d", last.value);
	judge(wanted, seen);
}

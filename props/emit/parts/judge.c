/* Whether a list of words, with `between` between them, has this one. */
static bool has_word(const char *list, char between, const char *word, size_t length)
{
	for (;;) {
		const char *end = strchr(list, between);
		size_t size = end ? (size_t)(end - list) : strlen(list);

		if (size == length && memcmp(list, word, length) == 0)
			return true;
		if (!end)
			return false;
		list = end + 1;
	}
}

/* Whether one of the words that were seen is one of those wanted. */
static bool fits(const char *wanted, const char *seen)
{
	for (;;) {
		const char *end = strchr(seen, '|');

		if (has_word(wanted, ',', seen, end ? (size_t)(end - seen) : strlen(seen)))
			return true;
		if (!end)
			return false;
		seen = end + 1;
	}
}

static void judge(const char *wanted, const char *seen)
{
	if (strcmp(wanted, "-") == 0) {
		skip(last_text, "not asked under this rule set, or not so without the steps left out");
	} else if (fits(wanted, seen)) {
		printf("ok %d - %s: %s\n", ++tests, last_text, seen);
	} else {
		printf("not ok %d - %s: %s\n", ++tests, last_text, seen);
		printf("# %s: expected %s, seen %s\n", last_text, wanted, seen);
		failures++;
	}
}

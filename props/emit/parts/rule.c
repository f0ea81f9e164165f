/* The rule set that stands for a kernel; -1: none does. */
static int rule_for(int major, int minor)
{
	if (major < 5 || (major == 5 && (minor < 1 || minor == 8)))
		return -1;
	if (major > 5)
		return 4;
	return minor <= 7 ? 0 : minor <= 17 ? 1 : minor == 18 ? 2 : 3;
}

/* Prints the plan; ends here if the trace says nothing of this kernel. */
static void begin(int plan, unsigned int for_rules)
{
	static const char *const names[] = { "5.7", "5.14", "5.18", "5.19", "6.15" };
	struct utsname kernel;
	int major = 0, minor = 0;

	printf("TAP version 13\n");
	if (uname(&kernel) != 0 || sscanf(kernel.release, "%d.%d", &major, &minor) != 2)
		bail_out("uname");
	rule = rule_for(major, minor);
	if (rule < 0 || !(for_rules >> rule & 1)) {
		printf("1..0 # SKIP Linux %s: %s\n", kernel.release,
		       rule < 0 ? "no rule set stands for it" : "the trace leaves its rule set out");
		exit(SKIPPED);
	}
	printf("1..%d\n# Linux %s, rule set %s\n", plan, kernel.release, names[rule]);
}

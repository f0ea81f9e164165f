static long faults_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

/*
 * A kernel that makes an entry writable for an access of its own, by force or for a pin, leaves the CPU's
 * stricter translation, and the next write faults once for nothing. More pages than are flushed one by one
 * change here, so that all translations of this process go.
 */
static void forget_translations(void)
{
	enum { BYTES = 64 * PAGE };
	static void *pages;

	if (!pages)
		pages = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (pages == MAP_FAILED)
		return;
	mprotect(pages, BYTES, PROT_NONE);
	mprotect(pages, BYTES, PROT_READ | PROT_WRITE);
}

typedef int toucher(volatile unsigned char *at, int value, int *seen);

/* The faults that an access takes. The first one, of a byte of ours, takes those of the way there. */
static long faults_of(toucher *access, volatile unsigned char *at, int value, int *seen, int *failed)
{
	static volatile unsigned char ours;
	long before = 0;
	int i;

	for (i = 0; i < 2; i++) {
		before = faults_so_far();
		*failed = access(i ? at : &ours, value, seen);
	}
	return faults_so_far() - before;
}

/* Fault-around may have mapped a page that this process never touched: no fault then. */
static const char *without_fault(const struct area *area, bool writes)
{
	if ((!area->shared && !area->of_file) || area->pages == 1)
		return "hit";
	return writes ? area->shared ? "hit|enabled" : "hit" : "hit|filled";
}

static const char *after_fault(const struct area *area, bool writes, uint64_t before, uint64_t after)
{
	if (!writes)
		return area->shared || area->of_file ? "filled" : "zero";
	if (area->shared)
		return "enabled";
	if (!is_present(before))
		return area->of_file ? "copied" : "fresh";
	if (frame_of(before) == 0 || frame_of(after) == 0)
		return "copied|reused";
	return frame_of(before) == frame_of(after) ? "reused" : "copied";
}

static void access_cell(toucher *access, const struct args *args, int value, struct reply *reply)
{
	volatile unsigned char *at = place(args) + args->cell * CELL;
	const struct area *area = &areas[args->region];
	uint64_t before = entry_at(place(args));
	int seen = -1, failed = 0;
	long faults;

	drain();
	forget_translations();
	faults = faults_of(access, at, value, &seen, &failed);
	if (failed) {
		reply->outcome = failed == SIGBUS ? "sigbus" : "segv";
		return;
	}
	if (value < 0)
		reply->value = seen;
	reply->outcome = faults == 0 ? without_fault(area, value >= 0)
				     : after_fault(area, value >= 0, before, entry_at(place(args)));
}

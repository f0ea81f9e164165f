/* Huge pages, as advised, unless the system has none. */
static bool have_huge_pages(void)
{
	char text[64] = "";
	FILE *setting = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");

	if (!setting)
		return false;
	if (!fgets(text, sizeof(text), setting))
		text[0] = 0;
	fclose(setting);
	return text[0] && !strstr(text, "[never]") && prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0) == 0;
}

static void map_anon(const struct args *args, struct reply *reply)
{
	struct area area = { .shared = args->share == MAP_SHARED, .pages = args->pages };

	if (still_mapped(args->region)) {
		reply->outcome = "inval";
		return;
	}
	if (args->huge && !have_huge_pages()) {
		reply->why = "transparent huge pages are off here";
		return;
	}
	if (mmap(place(args), args->pages * PAGE, args->prot,
		 args->share | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED) {
		reply->outcome = "oom";
		return;
	}
	if (args->huge)
		madvise(place(args), args->pages * PAGE, MADV_HUGEPAGE);
	areas[args->region] = area;
	reply->outcome = "ok";
}

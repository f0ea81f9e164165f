static uintptr_t end_of_area(uintptr_t address)
{
	unsigned long begin, end;
	FILE *maps = fopen("/proc/self/maps", "re");

	while (maps && fscanf(maps, "%lx-%lx%*[^\n]", &begin, &end) == 2) {
		if (address < begin || address >= end)
			continue;
		fclose(maps);
		return end;
	}
	bail_out("/proc/self/maps");
	return 0;
}

/* One call for each area: before 6.17 a call over several is refused. */
static void remap(const struct args *args, struct reply *reply)
{
	uintptr_t from = (uintptr_t)place(args), end = from + args->pages * PAGE, to = address_of[args->to];
	uintptr_t length;

	if (has_hole(args) || still_mapped(args->to)) {
		reply->outcome = has_hole(args) ? "segv" : "inval";
		return;
	}
	for (; from < end; from += length, to += length) {
		length = end_of_area(from) - from;
		if (length > end - from)
			length = end - from;
		if (mremap((void *)from, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to) == MAP_FAILED) {
			reply->why = "mremap is refused";
			return;
		}
	}
	areas[args->to] = areas[args->region];
	areas[args->to].pages = args->pages;
	reply->outcome = "ok";
}

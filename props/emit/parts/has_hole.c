/* mprotect and madvise change what comes before a hole. The trace's step is refused as a whole. */
static bool has_hole(const struct args *args)
{
	unsigned char in_core;
	unsigned long i;

	for (i = 0; i < args->pages; i++)
		if (mincore(place(args) + i * PAGE, PAGE, &in_core) != 0)
			return true;
	return false;
}

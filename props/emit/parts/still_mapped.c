/* Whether a page that the name stood for is mapped: then it cannot stand for others. */
static bool still_mapped(int region)
{
	unsigned char in_core;
	unsigned long i;

	for (i = 0; i < areas[region].pages; i++)
		if (mincore((void *)(address_of[region] + i * PAGE), PAGE, &in_core) == 0)
			return true;
	return false;
}

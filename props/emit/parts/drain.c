/*
 * New pages stand in a list of their CPU, which holds a reference to each: a kernel that counts
 * references would copy. The first call empties the list from 6.x on, the second one before.
 */
static void drain(void)
{
	static unsigned char nobodys[3 * PAGE];
	unsigned char *page = (unsigned char *)(((uintptr_t)nobodys + PAGE) & ~(uintptr_t)(PAGE - 1));

	madvise(page, PAGE, 20 /* MADV_COLD */);
	madvise(page, PAGE, MADV_DONTNEED);
}

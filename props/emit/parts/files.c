static int files[FILES];

/* A new file of so many pages, all bytes equal, all of it in the page cache. */
static void make_file(int file, unsigned long pages, int value)
{
	const char *folder = getenv("TMPDIR");
	static unsigned char page[PAGE];
	struct statfs system;
	char name[4096];

	snprintf(name, sizeof(name), "%s/cow-XXXXXX", folder ? folder : "/tmp");
	files[file] = mkostemp(name, O_CLOEXEC);
	if (files[file] < 0)
		bail_out("a file in $TMPDIR");
	unlink(name);
	memset(page, value, sizeof(page));
	while (pages--)
		if (write(files[file], page, PAGE) != PAGE)
			bail_out("writing a file");
	fsync(files[file]);
	/* Memory file systems, tmpfs and ramfs, are not told of the first write to a page. */
	if (fstatfs(files[file], &system) == 0 &&
	    (system.f_type == 0x01021994 || system.f_type == (long)0x858458f6))
		rest_skipped = "files need a disk file system: set TMPDIR";
}

/* What each process has mapped under each name; a child inherits it with the rest of its memory. */
struct area {
	bool shared, of_file;
	unsigned long pages;
};

static struct area areas[REGIONS];

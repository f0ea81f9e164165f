#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, CELL = 1024, SECONDS = 60, SKIPPED = 4 };

/* What a step names. Fields that it does not name are 0. */
struct args {
	int region, to, file, ref, child;
	unsigned long page, pages, at;
	int cell, value, prot, share, advice, huge;
};

/* What a process answers. */
struct reply {
	const char *outcome;	/* several words with | between them: one of these; NULL: see why */
	const char *why;	/* the step cannot be done here */
	int value;		/* that was read, or -1 */
	uint64_t entry;		/* of pagemap */
	pid_t pid;		/* of a new child */
	bool ends;		/* this was its last step */
};

typedef void action(const struct args *args, struct reply *reply);

/* An action's address means the same in every process: all are forks of this one. */
struct command {
	action *act;
	struct args args;
};

struct channel {
	int commands[2], replies[2];
};

static int rule;		/* the rule set that stands for this kernel */
static struct reply last;	/* of the latest step */
static const char *last_text;
static const char *rest_skipped;	/* why no further step is done */
static int tests, failures, skips;

static void bail_out(const char *why)
{
	printf("Bail out! %s: %s\n", why, strerror(errno));
	fflush(stdout);
	_exit(1);
}

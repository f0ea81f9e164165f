/* A read-only reference, FOLL_GET: a page that vmsplice has put into a pipe. */
static int pipes[REFS + 1][2];	/* the last one is for looking */

static void open_pipes(void)
{
	int i;

	for (i = 0; i <= REFS; i++)
		if (pipe(pipes[i]) != 0)
			bail_out("pipe");
}

static void pin_pipe(const struct args *args, struct reply *reply)
{
	struct iovec page = { .iov_base = place(args), .iov_len = PAGE };

	drain();
	if (vmsplice(pipes[args->ref][1], &page, 1, 0) == PAGE)
		reply->outcome = "ok";
	else if (errno == EFAULT)
		reply->outcome = "segv|sigbus";
	else
		reply->why = "vmsplice refuses";
}

static void transfer(ssize_t done, size_t size)
{
	if (done != (ssize_t)size)
		bail_out("pipe between processes");
}

/* Does a step in a process, and keeps what it came to. */
static void step(const char *text, int process, action *act, struct args args)
{
	struct command command = { .act = act, .args = args };

	last_text = text;
	memset(&last, 0, sizeof(last));
	last.value = -1;
	if (rest_skipped)
		return;
	if (pids[process] == 0) {
		last.outcome = "nosuch";
		return;
	}
	fflush(stdout);
	transfer(write(channels[process].commands[1], &command, sizeof(command)), sizeof(command));
	transfer(read(channels[process].replies[0], &last, sizeof(last)), sizeof(last));
	if (last.pid)
		pids[args.child] = last.pid;
	if (last.ends) {
		/* A process that was waited for has given back its memory. */
		if (waitpid(pids[process], NULL, 0) != pids[process])
			bail_out("waitpid");
		pids[process] = 0;
	}
}

static struct channel channels[PROCESSES];
static pid_t pids[PROCESSES];	/* 0: not alive */
static pid_t starter;
static sigjmp_buf back;
static volatile sig_atomic_t caught;

static void on_fault(int signal)
{
	caught = signal;
	siglongjmp(back, 1);
}

static void on_alarm(int signal)
{
	static const char text[] = "Bail out! a step took too long\n";

	(void)signal;
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(1);
}

/* What each process does: one command after another, until it is told to exit. */
static void serve(int me)
{
	struct command command;
	struct reply reply;

	/* No process outlives the one that started all. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != starter)
		_exit(1);
	for (;;) {
		if (read(channels[me].commands[0], &command, sizeof(command)) != sizeof(command))
			_exit(1);
		memset(&reply, 0, sizeof(reply));
		reply.value = -1;
		command.act(&command.args, &reply);
		if (write(channels[me].replies[1], &reply, sizeof(reply)) != sizeof(reply))
			_exit(1);
		if (reply.ends)
			_exit(0);
	}
}

/* One CPU for all: its lists of pages are then the only ones, and can be emptied. */
static void stay_on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void start(void)
{
	struct sigaction fault = { .sa_handler = on_fault }, late = { .sa_handler = on_alarm };
	int i;

	stay_on_one_cpu();
	/* Huge pages, which the trace does not speak of, stay away. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	starter = getpid();
	for (i = 0; i < PROCESSES; i++)
		if (pipe(channels[i].commands) != 0 || pipe(channels[i].replies) != 0)
			bail_out("pipe");
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	sigaction(SIGALRM, &late, NULL);
	alarm(SECONDS);
	fflush(stdout);
	pids[0] = fork();
	if (pids[0] < 0)
		bail_out("fork");
	if (pids[0] == 0)
		serve(0);
}

static int finish(void)
{
	int i;

	for (i = 0; i < PROCESSES; i++) {
		if (pids[i] == 0)
			continue;
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	printf("# %d passed, %d failed, %d skipped\n", tests - failures - skips, failures, skips);
	return failures ? 1 : tests == skips ? SKIPPED : 0;
}

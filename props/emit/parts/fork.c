/* The starter becomes the parent, so that it can wait until the child is gone, whoever forked it. */
static void do_fork(const struct args *args, struct reply *reply)
{
	long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		serve(args->child);
	reply->pid = pid > 0 ? (pid_t)pid : 0;
	reply->outcome = pid > 0 ? "ok" : "oom";
}

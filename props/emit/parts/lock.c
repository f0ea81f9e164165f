/*
 * mlock says ENOMEM of a page that it cannot fill, though all is then locked; and of more than may be
 * locked, where nothing is. Locked memory cannot be made cold.
 */
static void lock(const struct args *args, struct reply *reply)
{
	int error;

	if (has_hole(args)) {
		reply->outcome = "segv";
		return;
	}
	drain();
	error = mlock(place(args), args->pages * PAGE) == 0 ? 0 : errno;
	if (error == ENOMEM && madvise(place(args), PAGE, 20 /* MADV_COLD */) != 0)
		error = 0;
	if (error == 0 || error == EAGAIN)
		reply->outcome = error == 0 ? "ok" : "oom";
	else
		reply->why = "that much memory may not be locked";
}

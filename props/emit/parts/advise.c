/* Huge pages stay away but where they are asked for. */
static const char *collapse(const struct args *args)
{
	int off = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), error;

	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	error = madvise(place(args), args->pages * PAGE, args->advice) == 0 ? 0 : errno;
	if (off == 1)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	return error == 0 ? "ok" : error == EAGAIN ? "busy" : "inval";
}

static void advise(const struct args *args, struct reply *reply)
{
	/* Without a call nobody says whether the word would have been refused as well. */
	if (has_hole(args))
		reply->outcome = "segv|inval";
	else if (args->advice == 25 /* MADV_COLLAPSE */)
		reply->outcome = collapse(args);
	else
		reply->outcome = madvise(place(args), args->pages * PAGE, args->advice) == 0 ? "ok" : "inval";
}

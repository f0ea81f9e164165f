static void advise(const struct args *args, struct reply *reply)
{
	/* Without a call nobody says whether the word would have been refused as well. */
	if (has_hole(args))
		reply->outcome = "segv|inval";
	else
		reply->outcome = madvise(place(args), args->pages * PAGE, args->advice) == 0 ? "ok" : "inval";
}

static void advise(const struct args *args, struct reply *reply)
{
	if (has_hole(args))
		reply->outcome = "segv";
	else
		reply->outcome = madvise(place(args), args->pages * PAGE, args->advice) == 0 ? "ok" : "inval";
}

static void unlock(const struct args *args, struct reply *reply)
{
	if (has_hole(args))
		reply->outcome = "segv";
	else
		reply->outcome = munlock(place(args), args->pages * PAGE) == 0 ? "ok" : "inval";
}

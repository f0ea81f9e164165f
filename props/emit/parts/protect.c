static void protect(const struct args *args, struct reply *reply)
{
	if (has_hole(args)) {
		reply->outcome = "segv";
		return;
	}
	/* Locked memory that becomes writable is written to. */
	drain();
	reply->outcome = mprotect(place(args), args->pages * PAGE, args->prot) == 0 ? "ok" : "inval";
}

static void unmap(const struct args *args, struct reply *reply)
{
	reply->outcome = munmap(place(args), args->pages * PAGE) == 0 ? "ok" : "inval";
}

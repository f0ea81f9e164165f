static void map_anon(const struct args *args, struct reply *reply)
{
	struct area area = { .shared = args->share == MAP_SHARED, .pages = args->pages };

	if (still_mapped(args->region)) {
		reply->outcome = "inval";
		return;
	}
	if (mmap(place(args), args->pages * PAGE, args->prot,
		 args->share | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED) {
		reply->outcome = "oom";
		return;
	}
	areas[args->region] = area;
	reply->outcome = "ok";
}

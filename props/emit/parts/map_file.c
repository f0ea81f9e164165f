static void map_file(const struct args *args, struct reply *reply)
{
	struct area area = { .shared = args->share == MAP_SHARED, .of_file = true, .pages = args->pages };

	if (still_mapped(args->region)) {
		reply->outcome = "inval";
		return;
	}
	if (mmap(place(args), args->pages * PAGE, args->prot, args->share | MAP_FIXED_NOREPLACE,
		 files[args->file], (off_t)(args->at * PAGE)) == MAP_FAILED) {
		reply->outcome = "oom";
		return;
	}
	areas[args->region] = area;
	reply->outcome = "ok";
}

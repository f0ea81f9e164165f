static void pipe_unpin(const struct args *args, struct reply *reply)
{
	static unsigned char page[PAGE];

	if (read(pipes[args->ref][0], page, PAGE) != PAGE)
		bail_out("reading a pipe");
	reply->outcome = "ok";
}

static void force_read(const struct args *args, struct reply *reply)
{
	access_cell(force, args, -1, reply);
}

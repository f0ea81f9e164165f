static void read_cell(const struct args *args, struct reply *reply)
{
	access_cell(touch, args, -1, reply);
}

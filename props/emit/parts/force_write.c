static void force_write(const struct args *args, struct reply *reply)
{
	access_cell(force, args, args->value, reply);
}

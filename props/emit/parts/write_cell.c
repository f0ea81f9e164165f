static void write_cell(const struct args *args, struct reply *reply)
{
	access_cell(touch, args, args->value, reply);
}

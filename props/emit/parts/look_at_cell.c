static void look_at_cell(const struct args *args, struct reply *reply)
{
	reply->why = "to read it would be a fault";
	if (!is_present(entry_at(place(args))))
		return;
	if (touch(place(args) + args->cell * CELL, -1, &reply->value) == 0)
		reply->outcome = "ok";
}

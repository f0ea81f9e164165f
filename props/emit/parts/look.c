/* Facts are looked at without a fault. */
static void look(const struct args *args, struct reply *reply)
{
	reply->entry = entry_at(place(args));
	reply->outcome = "ok";
}

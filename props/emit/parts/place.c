static unsigned char *place(const struct args *args)
{
	return (unsigned char *)(address_of[args->region] + args->page * PAGE);
}

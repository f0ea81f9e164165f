static void end(const struct args *args, struct reply *reply)
{
	(void)args;
	reply->ends = true;
	reply->outcome = "ok";
}

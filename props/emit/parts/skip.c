static void skip(const char *text, const char *why)
{
	printf("ok %d # SKIP %s: %s\n", ++tests, text, why);
	skips++;
}

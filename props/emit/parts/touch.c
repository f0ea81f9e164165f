/* Reads a byte (value < 0) or writes it; gives the signal that came of it, or 0. */
static int touch(volatile unsigned char *at, int value, int *seen)
{
	if (sigsetjmp(back, 1) != 0)
		return caught;
	if (value < 0)
		*seen = *at;
	else
		*at = (unsigned char)value;
	return 0;
}

/* In what kernels differ. Each rule set stands for the kernels up to the next. */
static const char *by_rule(const char *r5_7, const char *r5_14, const char *r5_18,
			   const char *r5_19, const char *r6_15)
{
	const char *all[] = { r5_7, r5_14, r5_18, r5_19, r6_15 };

	return all[rule];
}

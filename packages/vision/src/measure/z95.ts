/**
 * The two-sided 95 % point of the normal distribution. A 95 % confidence interval extends this many standard errors to
 * each side.
 */
export const Z95 = 1.959964;

/** The two-sided 95 % point of the normal distribution. Confidence intervals have this many standard errors a side. */
export const Z95 = 1.959964;

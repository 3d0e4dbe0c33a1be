/** What the maps of `assembly/elementwise` need at most to pad fewer than four elements: three vectors. */
export const SCRATCH_BYTES = 48;

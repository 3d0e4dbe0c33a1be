/** Scratch memory of the maps of `assembly/elementwise`: three vectors, to pad fewer than four elements. */
export const SCRATCH_BYTES = 48;

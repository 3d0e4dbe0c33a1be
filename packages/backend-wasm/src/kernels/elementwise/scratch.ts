/**
 * Number of bytes of scratch memory for the functions of `assembly/elementwise`: three vectors, in which fewer than
 * four elements are padded.
 */
export const SCRATCH_BYTES = 48;

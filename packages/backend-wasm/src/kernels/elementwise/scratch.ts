/**
 * Number of bytes of scratch memory for the functions of `assembly/elementwise`: three vectors. Arrays of fewer than
 * four elements are padded in this memory.
 */
export const SCRATCH_BYTES = 48;

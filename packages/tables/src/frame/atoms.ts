/**
 * If the fraction of rows with a value is larger than this number, the value is an atom. If the fraction of rows that
 * are copies of one row is larger than this number, this row is an atom. A distribution with an atom has no density.
 */
export const ATOM_SHARE = 0.02;
/** Smallest number of rows that an atom must have. Fewer rows may share a rounded value by chance. */
export const FEWEST_OF_ATOM = 5;

/**
 * A value or a row that occurs in a larger fraction of all rows than this is an atom. A distribution with an atom has
 * no density.
 */
export const ATOM_SHARE = 0.02;
/** Smallest number of rows that share the value of an atom. Fewer rows may share a rounded value by chance. */
export const FEWEST_OF_ATOM = 5;

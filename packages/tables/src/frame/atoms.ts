/** A value, or a row, is an atom if it occurs in a larger fraction of the rows than this. No density has atoms. */
export const ATOM_SHARE = 0.02;
/** Least number of rows with the value of an atom. Fewer rows can have the same rounded value by chance. */
export const FEWEST_OF_ATOM = 5;

/** A value or a row is an atom if a larger share of the rows has it. No density has atoms. */
export const ATOM_SHARE = 0.02;
/** Fewest rows of an atom. Fewer rows can share a rounded value by chance. */
export const FEWEST_OF_ATOM = 5;

/**
 * Returns a column name as a cell of a CSV header. A spreadsheet would run a name as a formula if it begins with `=`,
 * `+`, `-`, `@`, a tab or a carriage return, so an apostrophe goes in front. Names with apostrophes before one of these
 * get another apostrophe, so that {@link undefused} restores every name.
 */
export const defused = (name: string): string => (FORMULA.test(name) ? `'${name}` : name);

/** Returns the column name of a header cell: the inverse of {@link defused}. */
export const undefused = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);

const FORMULA = /^'*[=+\-@\t\r]/;

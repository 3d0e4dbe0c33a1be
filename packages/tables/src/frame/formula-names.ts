/**
 * Converts a column name to a cell of a CSV header. A spreadsheet would run a name as a formula if it begins with `=`,
 * `+`, `-`, `@`, a tab or a carriage return, so an apostrophe is added in front of such a name. If a name already has
 * apostrophes in front of one of these characters, one more apostrophe is added, so that {@link undefused} restores
 * every name.
 */
export const defused = (name: string): string => (FORMULA.test(name) ? `'${name}` : name);

/** Returns the column name of a header cell: the inverse of {@link defused}. */
export const undefused = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);

const FORMULA = /^'*[=+\-@\t\r]/;

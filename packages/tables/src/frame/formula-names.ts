/**
 * Returns a column name as a cell of a CSV header. A spreadsheet would run a name as a formula if it begins with `=`,
 * `+`, `-`, `@`, a tab or a carriage return, so an apostrophe is added in front of such a name. A name with apostrophes
 * in front of one of these characters also gets another apostrophe, so that {@link undefused} restores every name.
 */
export const defused = (name: string): string => (FORMULA.test(name) ? `'${name}` : name);

/** Returns the column name of a header cell: the inverse of {@link defused}. */
export const undefused = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);

const FORMULA = /^'*[=+\-@\t\r]/;

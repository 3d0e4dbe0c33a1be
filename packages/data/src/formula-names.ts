/**
 * A column name as a CSV header has it: an apostrophe goes before one that a spreadsheet would run as a formula, which begins with `=`, `+`, `-`, `@`, a tab or a carriage return, and
 * before one that begins with apostrophes and then so, to be told apart.
 *
 * @see OWASP, CSV Injection.
 */
export const defused = (name: string): string => (FORMULA.test(name) ? `'${name}` : name);

/** The name that {@link defused} made a header cell of. */
export const undefused = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);

const FORMULA = /^'*[=+\-@\t\r]/;

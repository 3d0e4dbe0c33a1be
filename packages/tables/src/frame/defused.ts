/**
 * Protects a name or a text cell in a CSV. A spreadsheet would run text as a formula if it begins with `=`, `+`, `-`,
 * `@`, a tab or a carriage return, so a space is put before such text. Readers remove spaces around a cell. So a reader
 * restores the text, and does not confuse it with other text, as it would with an apostrophe, which may be in a file.
 */
export const defused = (text: string): string => (FORMULA.test(text) ? ` ${text}` : text);

const FORMULA = /^[=+\-@\t\r]/;

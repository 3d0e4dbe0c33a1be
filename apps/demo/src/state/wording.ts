/** Returns the message of an error without its `[package/function]` prefix. */
export const wording = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^\[[^\]]*\] /, '');

/** Words of the error for a model of a table that has no plane. Errors of workers lose their codes. */
export const OTHER_TABLE = 'is a model of a table, but not of two columns of plain numbers';

/** Returns the message of an error without its `[package/function]` prefix. */
export const wording = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^\[[^\]]*\] /, '');

/** Words of the error for a model that the page cannot show in its plane. Errors of workers lose their codes. */
export const OTHER_MODEL = 'is no density of two columns of numbers';

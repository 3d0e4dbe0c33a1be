/** Returns the message of an error without its `[package/function]` prefix. */
export const wording = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^\[[^\]]*\] /, '');

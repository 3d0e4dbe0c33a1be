/**
 * Replaces each character that is invisible or that controls a terminal by `?`: control characters, escapes, direction
 * marks, line separators.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

/**
 * Makes text from a file safe for a message: returns at most 80 characters, without characters that control a terminal.
 */
export const shortened = (text: string): string => {
  const quiet = printable(text.slice(0, 81));
  return quiet.length > 80 ? `${quiet.slice(0, 80)}…` : quiet;
};

/** Returns a list of names as text for a message: the first twenty names, and the number of names that are left out. */
export const listed = (names: readonly string[]): string =>
  names.length <= 20
    ? names.map(shortened).join(', ')
    : `${names.slice(0, 20).map(shortened).join(', ')} and ${names.length - 20} more`;

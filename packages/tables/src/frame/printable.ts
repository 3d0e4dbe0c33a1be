/**
 * Replaces characters that act on a terminal or are invisible by `?`: controls, escapes, direction marks, line
 * separators.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

/** Text of a file, made safe for a message: at most 80 characters, none of which acts on a terminal. */
export const shown = (text: string): string => {
  const quiet = printable(text.slice(0, 81));
  return quiet.length > 80 ? `${quiet.slice(0, 80)}…` : quiet;
};

/** The names as text for a message: the first twenty, then the number of the others. */
export const listed = (names: readonly string[]): string =>
  names.length <= 20
    ? names.map(shown).join(', ')
    : `${names.slice(0, 20).map(shown).join(', ')} and ${names.length - 20} more`;

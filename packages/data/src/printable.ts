/** The same text with a `?` for each character that acts on a terminal or has no shape: controls, escapes, marks of direction, line separators. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

/**
 * Replaces characters that act on a terminal or are invisible by `?`: controls, escapes, direction marks, line
 * separators.
 */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');

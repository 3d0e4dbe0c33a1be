/** Characters that control a terminal or that are invisible. Strings of an untrusted source may contain them. */
const ACTING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Describes any value in a short string, for the field `got` of an error. A string is quoted, without characters that
 * control a terminal, and cut after 60 characters. A list, an object and a function are described by their kind, because
 * they may be megabytes long or deeply nested.
 */
export const shown = (value: unknown): string => {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value).replace(ACTING, '?');
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value === 'function') return 'a function';
  return value === undefined ? 'nothing' : String(value);
};

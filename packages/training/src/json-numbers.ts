/**
 * Encodes a value as JSON, with all its numbers. JSON has no infinite numbers and no NaN, so these are written as
 * `{"number": "-Infinity"}`. All other values are written as `JSON.stringify` writes them.
 */
export const jsonOf = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'number' && !Number.isFinite(each) ? { number: String(each) } : each,
  );

/**
 * Reads JSON that {@link jsonOf} wrote.
 *
 * @throws `SyntaxError` for text that is not JSON; `RangeError` for lists or objects that are nested too deeply.
 */
export const fromJson = (text: string): unknown =>
  JSON.parse(text, (_key, each: unknown) => (isWritten(each) ? Number(each.number) : each));

const NAMES: readonly unknown[] = ['Infinity', '-Infinity', 'NaN'];

const isWritten = (value: unknown): value is { readonly number: string } =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === 1 &&
  NAMES.includes((value as { readonly number?: unknown }).number);

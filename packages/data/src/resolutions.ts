/**
 * Columns whose values repeat, by name, and the width of the uniform noise that each gets: a value `v` stands for
 * `[v, v + resolution)`. Positive and finite, in units of the column. Plain JSON.
 */
export type Resolutions = Readonly<Record<string, number>>;

/** The resolution of each of these columns, 0 for one without. */
export const resolutionList = (columns: readonly string[], resolutions: Resolutions): readonly number[] =>
  columns.map((name) => (Object.hasOwn(resolutions, name) ? resolutions[name]! : 0));

/**
 * What a file remembers of dequantised columns: {@link Resolutions}, or the names alone of columns of whole numbers, as files
 * of earlier versions have them. `undefined` for anything else.
 */
export const readResolutions = (value: unknown): Resolutions | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return value.every((name) => typeof name === 'string') ? Object.fromEntries(value.map((name) => [name, 1])) : undefined;
  const valid = (resolution: unknown): boolean => typeof resolution === 'number' && resolution > 0 && resolution < Infinity;
  return Object.values(value).every(valid) ? (value as Resolutions) : undefined;
};

/**
 * Widths of the uniform noise of columns whose values repeat, by name: a value `v` stands for `[v, v + resolution)`.
 * Positive and finite, in units of the column. Plain JSON.
 */
export type Resolutions = Readonly<Record<string, number>>;

/** Returns the resolution of each column, 0 for a column without one. */
export const resolutionList = (columns: readonly string[], resolutions: Resolutions): readonly number[] =>
  columns.map((name) => (Object.hasOwn(resolutions, name) ? resolutions[name]! : 0));

/**
 * Returns resolutions that were stored as JSON. Files of earlier versions have a list of columns of whole numbers
 * instead; these get resolution 1. Returns `undefined` for anything else.
 */
export const readResolutions = (value: unknown): Resolutions | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value))
    return value.every((name) => typeof name === 'string')
      ? Object.fromEntries(value.map((name) => [name, 1]))
      : undefined;
  const valid = (resolution: unknown): boolean =>
    typeof resolution === 'number' && resolution > 0 && resolution < Infinity;
  return Object.values(value).every(valid) ? (value as Resolutions) : undefined;
};

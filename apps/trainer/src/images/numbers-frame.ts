import type { Frame } from '@impflow/tables';

/** Makes a frame from columns of numbers, so that they can be written into a file. */
export const numbersFrame = (columns: Readonly<Record<string, ArrayLike<number>>>, source: string): Frame => {
  const named = Object.entries(columns).map(([name, numbers]) => ({ name, numbers: Float64Array.from(numbers) }));
  return { columns: named, rows: named[0]!.numbers.length, source, place: (row) => `row ${row + 1} of ${source}` };
};

import type { Frame } from '@impflow/tables';

/** The rows of a frame as objects. A missing cell is null. */
export const objectsOf = ({ columns, rows }: Frame): readonly Readonly<Record<string, string | number | null>>[] =>
  Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map(({ name, numbers, texts }) => [name, texts?.[row] ?? numberOf(numbers[row]!)])),
  );

/** A number with the fewest digits that read back to the same float32, if it is one: 36.9, not 36.900001525878906. */
const numberOf = (value: number): number | null => {
  if (Number.isNaN(value)) return null;
  if (Math.fround(value) !== value || Number.isInteger(value)) return value;
  const rounded = [6, 7, 8].map((digits) => Number(value.toPrecision(digits)));
  return rounded.find((each) => Math.fround(each) === value) ?? value;
};

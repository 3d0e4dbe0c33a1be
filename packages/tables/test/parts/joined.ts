import { readTablePart, type Frame, type TablePart, type TableParts } from '@impflow/tables';

/** Reads all parts, each after conversion to JSON and back. */
export const readParts = async (
  { parts }: Pick<TableParts, 'parts'>,
  columns?: readonly string[],
): Promise<readonly Frame[]> => {
  const frames: Frame[] = [];
  for (const part of JSON.parse(JSON.stringify(parts)) as readonly TablePart[])
    frames.push(await readTablePart(part, columns === undefined ? {} : { columns }));
  return frames;
};

/**
 * Returns the cells of frames, one frame after the other. For each column, these are the numbers, the texts, and the
 * cells as written. If the frame does not store a cell as written, the result of `String` is returned. The place of
 * each row is also returned.
 */
export const cellsOf = (frames: readonly Frame[]): unknown => ({
  columns: frames[0]!.columns.map(({ name }, j) => ({
    name,
    numbers: frames.flatMap(({ columns }) => [...columns[j]!.numbers]),
    texts: frames.flatMap(({ columns, rows }) => columns[j]!.texts ?? Array.from<undefined>({ length: rows })),
    written: frames.flatMap(({ columns, rows }) => {
      const { numbers, written } = columns[j]!;
      return Array.from(
        { length: rows },
        (_, row) => written?.[row] ?? (Number.isNaN(numbers[row]) ? undefined : String(numbers[row])),
      );
    }),
  })),
  places: frames.flatMap(({ rows, place }) => Array.from({ length: rows }, (_, row) => place(row))),
});

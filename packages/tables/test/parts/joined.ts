import { readTablePart, type Frame, type TablePart, type TableParts } from '@impflow/tables';

/** Reads all parts of a table. Each part is first converted to JSON and back. */
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
 * Returns the cells and the places of the rows of several frames, one frame after the other. For each column, the
 * result contains the numbers, the text cells, and all cells as they are written. If a frame does not store a cell as
 * it is written, the result contains the string of its number.
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

import type { Frame, FrameColumn } from './frame.ts';
import { assertIndices, columnIndices } from './indices.ts';

/**
 * Returns a frame with the columns that `names` lists, in the order of this list. The cells are not copied.
 *
 * @throws `input` for an unknown name, a name given twice, or an empty list.
 */
export const selectFrame = (frame: Frame, names: readonly string[]): Frame => {
  const columns = frame.columns.map(({ name }) => name);
  const indices = columnIndices('tables/selectFrame', { columns, source: frame.source }, names);
  return { ...frame, columns: indices.map((j) => frame.columns[j]!), place: (row) => frame.place(row) };
};

/**
 * Returns a copy of a frame with the rows that `indices` lists, in the order of this list. Each row keeps its place in
 * the source, such as its line number. A column without text in the listed rows has no `texts`, but keeps `written`.
 *
 * @throws `input` for an index outside the frame.
 */
export const pickFrameRows = (frame: Frame, indices: Uint32Array): Frame => {
  assertIndices('tables/pickFrameRows', frame, indices);
  return {
    ...frame,
    columns: frame.columns.map((column) => pickedRows(column, indices)),
    rows: indices.length,
    place: (row) => frame.place(indices[row]!),
  };
};

const pickedRows = ({ numbers, texts, written, ...others }: FrameColumn, indices: Uint32Array): FrameColumn => {
  const pick = <T>(cells: readonly T[]): readonly T[] => Array.from(indices, (row) => cells[row]!);
  const picked = texts === undefined ? [] : pick(texts);
  return {
    ...others,
    numbers: Float64Array.from(indices, (row) => numbers[row]!),
    ...(picked.some((text) => text !== undefined) ? { texts: picked } : {}),
    ...(written === undefined ? {} : { written: pick(written) }),
  };
};

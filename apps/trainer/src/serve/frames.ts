import type { Frame, FrameColumn } from '@impflow/tables';

/** Rows of frames with the same columns, one after the other, from at least one frame. */
export const joinedFrames = (frames: readonly Frame[]): Frame => ({
  ...frames[0]!,
  columns: frames[0]!.columns.map((_, j) => joinedColumns(frames.map(({ columns }) => columns[j]!))),
  rows: frames.reduce((sum, { rows }) => sum + rows, 0),
  place: (row) => `row ${row + 1}`,
});

const joinedColumns = (parts: readonly FrameColumn[]): FrameColumn => {
  const texts = (of: 'texts' | 'written'): readonly (string | undefined)[] | undefined =>
    parts.every((part) => part[of] === undefined)
      ? undefined
      : parts.flatMap((part) => part[of] ?? Array.from<undefined>({ length: part.numbers.length }));
  const [own, written] = [texts('texts'), texts('written')];
  return {
    name: parts[0]!.name,
    numbers: Float64Array.from(parts.flatMap(({ numbers }) => [...numbers])),
    ...(own === undefined ? {} : { texts: own }),
    ...(written === undefined ? {} : { written }),
  };
};

import { inUnits, onGrid, toCsv, writeTable, type Writable } from '@impflow/tables';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { assertRoomFor, drawSamples } from '../../model/draw-samples.ts';
import type { FlowModel } from '../../model/model.ts';
import { assertNewFile } from '../../run-folder/new-file.ts';
import { number } from '../../terminal/format.ts';
import type { Answer, SampleOptions } from '../run-commands.ts';

/**
 * Draws rows, into a file or as CSV to standard output.
 *
 * @throws `option` for too many; `input` for a file that exists, unless forced.
 */
export const sampleRows = async (
  { model: { flow }, record }: LoadedRun<FlowModel>,
  { n = 1000, seed, temperature, out, force }: SampleOptions,
): Promise<Answer> => {
  if (out !== undefined) await assertNewFile(out, force);
  const { columns } = record;
  assertRoomFor(n, columns.length, out);
  const drawn = drawnRows({ model: { flow }, record }, { first: 0, count: n, seed, temperature });
  if (out !== undefined) await writeTable(out, drawn);
  const listed = (): number[][] =>
    Array.from({ length: n }, (_, i) => [...drawn.values.subarray(i * columns.length, (i + 1) * columns.length)]);
  return {
    json: { rows: n, columns, ...(out === undefined ? { samples: listed() } : { out }) },
    text: () => (out === undefined ? toCsv(drawn).toString().trimEnd() : `${number(n)} rows written to ${out}`),
  };
};

/** Some rows of a sample: see `drawSamples`. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
  readonly seed: number;
  readonly temperature: number;
}

/** Rows of a sample, in the units of the training file. */
export const drawnRows = (
  { model: { flow }, record }: { readonly model: Pick<FlowModel, 'flow'>; readonly record: LoadedRun['record'] },
  { count, ...range }: RowRange,
): Writable => {
  const { columns, dequantised, offsets = {} } = record;
  return {
    columns,
    rows: count,
    values: inUnits(onGrid(drawSamples(flow, count, range), columns, dequantised), columns, offsets),
  };
};

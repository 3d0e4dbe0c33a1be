import { toCsv, writeTable } from '@impflow/data';
import { loadRun } from '../run/load.ts';
import { assertNewFile } from '../run/new-file.ts';
import { drawSamples, wholeNumbers } from '../run/pictures.ts';
import { withPlugins } from '../run/plugins.ts';
import { startForRun } from '../run/start-for-run.ts';
import { number } from '../terminal/table.ts';
import { report, type ComputingOptions } from './context.ts';

export interface SampleOptions extends ComputingOptions {
  readonly n: number;
  readonly seed: number;
  readonly temperature: number;
  readonly out?: string;
  readonly force?: boolean;
}

/** Draws rows of the model, into a file or as CSV to standard output. */
export const sample = async (run: string, options: SampleOptions): Promise<number> => {
  const { n, seed, temperature, out } = options;
  if (out !== undefined) await assertNewFile(out, options.force);
  await startForRun(run, options);
  const { flow, record } = await loadRun(run, await withPlugins(options.plugin));
  const { columns } = record;
  const rows = { columns, rows: n, values: wholeNumbers(drawSamples(flow, n, { seed, temperature }), record) };
  if (out !== undefined) await writeTable(out, rows);
  const listed = (): number[][] => Array.from({ length: n }, (_, i) => [...rows.values.subarray(i * columns.length, (i + 1) * columns.length)]);
  report(options, { rows: n, columns, ...(out === undefined ? { samples: listed() } : { out }) }, () =>
    out === undefined ? toCsv(rows).toString().trimEnd() : `${number(n)} rows written to ${out}`);
  return 0;
};

import { writeTable } from '@impflow/data';
import { startBackend } from '../run/backends.ts';
import { loadRun } from '../run/load.ts';
import { drawSamples } from '../run/pictures.ts';
import { withPlugins } from '../run/plugins.ts';
import { number } from '../terminal/table.ts';
import { report, type CommonOptions } from './context.ts';
import { refuseExisting } from './score.ts';

export interface SampleOptions extends CommonOptions {
  readonly n: number;
  readonly seed: number;
  readonly temperature: number;
  readonly out?: string;
  readonly force: boolean;
}

/** Draws rows of the model, into a file or as CSV to standard output. */
export const sample = async (run: string, options: SampleOptions): Promise<number> => {
  const { n, seed, temperature, out } = options;
  if (out !== undefined) await refuseExisting(out, options.force);
  await startBackend(options.backend);
  const { flow, record } = await loadRun(run, await withPlugins(options.plugin));
  const values = drawSamples(flow, n, { seed, temperature });
  // Whole numbers went in with noise in [0, 1): they come out as whole numbers.
  const whole = record.columns.map((name) => record.dequantised.includes(name));
  const rows = values.map((value, i) => (whole[i % whole.length] ? Math.floor(value) : value));
  if (out !== undefined) await writeTable(out, { columns: record.columns, rows: n, values: rows });
  const d = record.columns.length;
  const listed = (): number[][] => Array.from({ length: n }, (_, i) => [...rows.subarray(i * d, (i + 1) * d)]);
  report(options, { rows: n, columns: record.columns, ...(out === undefined ? { samples: listed() } : { out }) }, () =>
    out === undefined ? [record.columns.join(','), ...listed().map((row) => row.join(','))].join('\n') : `${number(n)} rows written to ${out}`);
  return 0;
};

import { assertNewFile } from '@impflow/jobs';
import { writeFrame } from '@impflow/tables';
import { number } from 'impflow/run';
import type { Answer, ScoreOptions } from '../kinds/answer.ts';
import { note } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { imagesAt } from './data.ts';
import type { DensityRun } from './images-run.ts';
import { numbersFrame } from './numbers-frame.ts';

/** Number of images that the terminal shows: the least likely images. */
const SHOWN = 10;

/**
 * Computes `log p` of every image in nats and in bits per dimension, its percentile among held-out images, and whether
 * every solve converged.
 */
export const scoreDensity = async ({ model }: DensityRun, file: string, options: ScoreOptions): Promise<Answer> => {
  const { out } = options;
  if (out !== undefined) await assertNewFile(out, { force: options.force, inputs: [file] });
  const { logDensity, bitsPerDim, percentile, converged } = await model.score(await imagesAt(file));
  const rows = logDensity.length;
  const unconverged = converged.reduce((sum, flag) => sum + (flag === 0 ? 1 : 0), 0);
  if (unconverged > 0)
    note(
      options,
      `${number(unconverged)} of ${number(rows)} images did not converge: column "converged" is 0 for them.`,
    );
  if (model.contents.quantiles === undefined)
    note(options, 'No percentiles, because the training of the run was not finished.');
  if (out !== undefined)
    await writeFrame(
      out,
      numbersFrame({ log_density: logDensity, bits_per_dim: bitsPerDim, percentile, converged }, file),
    );
  const lowest = Array.from(logDensity, (value, i) => ({
    image: i + 1,
    logDensity: value,
    bitsPerDim: bitsPerDim[i]!,
    percentile: percentile[i]!,
  }))
    .toSorted((a, b) => a.logDensity - b.logDensity)
    .slice(0, SHOWN);
  return {
    json: {
      file,
      rows,
      unconverged,
      lowest,
      ...(out === undefined
        ? { logDensity: [...logDensity], bitsPerDim: [...bitsPerDim], percentile: [...percentile] }
        : { out }),
    },
    text: () => `${table({
      head: ['image', 'log density (nats)', 'bits per dimension', 'percentile among held-out images'],
      rows: lowest.map((row) => [number(row.image), row.logDensity, row.bitsPerDim, row.percentile]),
    })}
The ${lowest.length} least likely of ${number(rows)} images. All scores: ${out ?? '--out scores.csv'}`,
  };
};

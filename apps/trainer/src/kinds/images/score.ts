import { sizeOf } from '@impflow/core';
import { writeTable, percentile } from '@impflow/tables';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { bitsOf } from '../../measure/bits.ts';
import { imageEvents } from '../../measure/events.ts';
import { markNaN } from '../../measure/finite.ts';
import { logProbs } from '../../measure/held-out.ts';
import type { FlowModel } from '../../model/model.ts';
import { assertNewFile } from '../../run-folder/new-file.ts';
import { number } from '../../terminal/format.ts';
import { note } from '../../terminal/output.ts';
import { table } from '../../terminal/table.ts';
import type { Answer, ScoreOptions } from '../run-commands.ts';
import { modelImages, noiseKey } from './data.ts';

const COLUMNS = ['log_density', 'bits_per_dim', 'percentile', 'converged'] as const;

/**
 * `log p` of every image in nats and in bits per dimension, its percentile among held-out images, and whether every
 * solve converged. The noise of an image depends on the seed of the run and on the place of the image, so the score is
 * the same every time.
 */
export const scoreImages = async (
  { model: { flow }, record, checkpoint }: LoadedRun<FlowModel>,
  file: string,
  options: ScoreOptions,
): Promise<Answer> => {
  if (options.out !== undefined) await assertNewFile(options.out, options.force);
  const images = await modelImages(file, flow.shape);
  const { count } = images;
  const converged = new Uint8Array(count).fill(1);
  const densities = logProbs(flow, imageEvents(images, noiseKey(checkpoint.seed, 'test')), ({ stats }, first) => {
    stats.converged.forEach((flag, i) => {
      if (flag === 0) converged[first + i] = 0;
    });
  });
  markNaN(densities, converged);
  const quantiles = record.quantiles ?? [];
  const dim = sizeOf(flow.shape);
  const scores = Array.from(densities, (logDensity, i) => ({
    image: i + 1,
    logDensity,
    bitsPerDim: bitsOf(-logDensity, dim),
    percentile: percentile(logDensity, quantiles),
  }));
  const failed = converged.reduce((sum, flag) => sum + (flag === 0 ? 1 : 0), 0);
  if (failed > 0)
    note(options, `${number(failed)} of ${number(count)} images did not converge: column "converged" is 0 for them.`);
  if (quantiles.length === 0) note(options, 'No percentiles: the run was not finished.');
  if (options.out !== undefined) {
    const values = Float32Array.from(
      scores.flatMap(({ logDensity, bitsPerDim, percentile: p }, i) => [logDensity, bitsPerDim, p, converged[i]!]),
    );
    await writeTable(options.out, { columns: COLUMNS, rows: count, values });
  }
  const lowest = scores.toSorted((a, b) => a.logDensity - b.logDensity).slice(0, 10);
  const json = {
    file,
    rows: count,
    unconverged: failed,
    lowest,
    ...(options.out === undefined
      ? {
          logDensity: [...densities],
          bitsPerDim: scores.map(({ bitsPerDim }) => bitsPerDim),
          percentile: scores.map(({ percentile: p }) => p),
        }
      : { out: options.out }),
  };
  return {
    json,
    text: () => `${table({
      head: ['image', 'log density (nats)', 'bits per dimension', 'percentile among held-out images'],
      rows: lowest.map(({ image, logDensity, bitsPerDim, percentile: p }) => [
        number(image),
        logDensity,
        bitsPerDim,
        p,
      ]),
    })}
The ${lowest.length} least likely of ${number(count)} images.${options.out === undefined ? ' All of them: --out scores.csv' : ` All of them: ${options.out}`}`,
  };
};

import { fileURLToPath } from 'node:url';
import { whyNotNative } from '../native/installed.mjs';
import { contend } from './contender.mjs';
import { operations } from './operations.mjs';
import { race } from './race.mjs';
import { result } from './result.mjs';
import { contendersOfRows, fastest, startersOfRival } from './rivals.mjs';
import { BLOCKS, trainingGroups } from './rows.mjs';
import { median } from './statistics.mjs';

/** @import { Contender, Options } from './rows.mjs' */

/** @param {string} file */
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * `{ results, evaluations }` of all training jobs.
 *
 * @param {Options & { peak: Readonly<Record<string, number>> }} options
 */
export const compareTraining = async (options) => {
  const results = [];
  const evaluations = [];
  for (const { preset, batch, rows } of trainingGroups) {
    const some = rows.filter(({ name }) => options.wanted(name));
    if (some.length === 0) continue;
    const racers = await race(
      contendersOfRows(preset, some).flatMap(starters({ preset, batch, ...options })),
      options,
      `${preset}, batch ${batch}`,
    );
    /** @param {Contender} contender */
    const seconds = ({ label }) => {
      const racer = racers.get(label);
      return racer === undefined ? undefined : median(racer.seconds);
    };
    for (const { name, of, rival, bound, limit } of some) {
      const conclusion = racers.get(of.label)?.conclusion;
      const [ours, two, one] = [of, ...(limit ?? [])].map(seconds);
      results.push(
        result({
          name,
          bound,
          cores: of.workers,
          ...fastest({ job: preset, side: rival, racers }),
          ...(ours === undefined ? {} : { ours }),
          ...(two === undefined || one === undefined ? {} : { limit: two / one }),
          ...(conclusion?.counts === undefined || !(preset in BLOCKS)
            ? {}
            : {
                flops: operations({ counts: conclusion.counts, weights: conclusion.weights, batch }) * BLOCKS[preset],
                peak: Object.values(options.peak)[0],
              }),
        }),
      );
    }
    for (const [
      label,
      {
        conclusion: { counts, solverSteps },
      },
    ] of racers)
      if (counts !== undefined)
        evaluations.push({ job: `${preset}, batch ${batch}`, side: label, ...counts, solverSteps });
  }
  return { results, evaluations };
};

/**
 * Options to start a contender of a job; undefined if it cannot run here.
 *
 * @param {{ preset: string; batch: number } & Options} options
 * @returns {(contender: Contender) => readonly import('./race.mjs').Starter[]}
 */
const starters =
  ({ preset, batch, quick, python }) =>
  (contender) => {
    const { label, workers, often, native, products } = contender;
    if (products !== undefined)
      return [() => contend(label, process.execPath, [here('products.mjs'), '--workers', String(products)])];
    const job = ['--preset', preset, '--batch', String(batch), '--warmup', quick ? '3' : '100'];
    if (native && whyNotNative() !== undefined) return [];
    if (workers !== undefined)
      return [
        () =>
          contend(label, process.execPath, [
            here('training.mjs'),
            ...job,
            '--workers',
            String(workers),
            ...(often ? ['--often'] : []),
            ...(native ? ['--native'] : []),
          ]),
      ];
    return startersOfRival(contender, job, python);
  };

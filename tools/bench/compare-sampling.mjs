import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contend } from './contender.mjs';
import { race } from './race.mjs';
import { result } from './result.mjs';
import { contendersOfRows, fastest, startersOfRival } from './rivals.mjs';
import { samplingRows } from './rows.mjs';
import { median } from './statistics.mjs';

/** @param {string} file */
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const ROWS = 10_000;

/**
 * `{ results, roundTrips }`. Both sides draw from the same checkpoint, which is trained here unless `weights` names
 * one.
 *
 * @param {import('./rows.mjs').Options} options
 */
export const compareSampling = async (options) => {
  const { wanted, quick, python, say } = options;
  const rows = samplingRows.filter(({ name }) => wanted(name));
  if (rows.length === 0) return { results: [], roundTrips: [] };
  const folder = mkdtempSync(join(tmpdir(), 'impflow-bench-'));
  try {
    const weights = options.weights ?? join(folder, 'toy.safetensors');
    if (options.weights === undefined && !trainToy(weights, quick ? 20 : 300, say))
      return { results: rows.map(({ name, bound }) => result({ name, bound })), roundTrips: [] };
    const draw = ['--weights', weights];
    const starters = contendersOfRows('sampling', rows).flatMap((each) =>
      each.workers === undefined
        ? startersOfRival(each, ['--sample', String(ROWS), ...draw, '--warmup', '40'], python)
        : [
            () =>
              contend(each.label, process.execPath, [
                here('sampling.mjs'),
                '--rows',
                String(ROWS),
                '--workers',
                String(each.workers),
                ...draw,
              ]),
          ],
    );
    const racers = await race(starters, options, '10,000 samples');
    return {
      results: rows.map(({ name, of, rival, bound }) => {
        const own = racers.get(of.label);
        return result({
          name,
          bound,
          ...fastest({ job: 'sampling', side: rival, racers }),
          ...(own === undefined ? {} : { ours: median(own.seconds) }),
        });
      }),
      roundTrips: [...racers].map(
        ([
          side,
          {
            conclusion: { roundTrip, solverSteps },
          },
        ]) => ({ side, ...roundTrip, solverSteps }),
      ),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * Whether it succeeded.
 *
 * @param {string} file
 * @param {number} steps
 * @param {(what: string) => void} say
 */
const trainToy = (file, steps, say) => {
  say(`training a toy model to sample from: ${steps} steps`);
  const { status } = spawnSync(process.execPath, [here('training.mjs'), '--steps', String(steps), '--save', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0) return true;
  say(`training failed with exit code ${status}: no samples`);
  process.exitCode = 1;
  return false;
};

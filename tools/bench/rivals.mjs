// The rivals of training and sampling. A row compares with the faster of the rivals that can run its job, on as many
// threads as ours has workers.
import { fileURLToPath } from 'node:url';
import { contend } from './contender.mjs';
import { peerEnvironment } from './python.mjs';
import { median } from './statistics.mjs';

/**
 * @import { Python } from './python.mjs'
 * @import { Racers, Starter } from './race.mjs'
 * @import { Contender, Row, Threads } from './rows.mjs'
 */

const RIVALS = [
  { name: 'PyTorch', script: 'peer.py', jobs: ['toy', 'tabular', 'image', 'sampling', 'products'] },
  { name: 'JAX', script: 'peer_jax.py', jobs: ['toy', 'tabular', 'products'] },
];

/**
 * The contenders of a side of a row: itself, or all rivals that can run the job.
 *
 * @param {{ job: string; side: Contender | Threads }} options
 * @returns {readonly Contender[]}
 */
export const contendersOf = ({ job, side }) =>
  'label' in side
    ? [side]
    : RIVALS.filter(({ jobs }) => jobs.includes(job)).map(({ name, script }) => ({
        label: `${name}, ${side.threads} ${side.threads === 1 ? 'thread' : 'threads'}`,
        script,
        threads: side.threads,
      }));

/**
 * All contenders of some rows, without duplicates.
 *
 * @param {string} job
 * @param {readonly Row[]} rows
 */
export const contendersOfRows = (job, rows) => [
  ...new Map(
    rows
      .flatMap(({ of, rival, limit = [] }) => [of, rival, ...limit])
      .flatMap((side) => contendersOf({ job, side }))
      .map((each) => [each.label, each]),
  ).values(),
];

/**
 * Starts a rival; empty if its environment is missing.
 *
 * @param {Contender} contender
 * @param {readonly string[]} args
 * @param {Python} [python]
 * @returns {readonly Starter[]}
 */
export const startersOfRival = ({ label, script, threads }, args, python) =>
  python === undefined || script === undefined || threads === undefined
    ? []
    : [
        () =>
          contend(
            label,
            python.command,
            [fileURLToPath(new URL(script, import.meta.url)), ...args, '--threads', String(threads), '--serve'],
            peerEnvironment(threads),
          ),
      ];

/**
 * `{ rival, rivalName, others }` of a side of a row: seconds of the fastest contender that ran, and of the slower ones
 * by label.
 *
 * @param {{ job: string; side: Contender | Threads; racers: Racers }} options
 */
export const fastest = ({ job, side, racers }) => {
  const [best, ...others] = contendersOf({ job, side })
    .flatMap(({ label }) => {
      const racer = racers.get(label);
      return racer === undefined ? [] : [{ label, seconds: median(racer.seconds) }];
    })
    .sort((a, b) => a.seconds - b.seconds);
  return best === undefined
    ? {}
    : {
        rival: best.seconds,
        rivalName: best.label,
        others: Object.fromEntries(others.map(({ label, seconds }) => [label, seconds])),
      };
};

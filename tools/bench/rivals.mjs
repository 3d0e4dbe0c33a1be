// The rivals of training and sampling. A row compares with the faster of the rivals that can run its job, on as many
// threads as ours has workers.
import { fileURLToPath } from 'node:url';
import { contend } from './contender.mjs';
import { peerEnvironment } from './python.mjs';
import { median } from './statistics.mjs';

const RIVALS = [
  { name: 'PyTorch', script: 'peer.py', jobs: ['toy', 'tabular', 'image', 'sampling', 'products'] },
  { name: 'JAX', script: 'peer_jax.py', jobs: ['toy', 'tabular', 'products'] },
];

/** The contenders of a side of a row: itself, or all rivals that can run the job. */
export const contendersOf = ({ job, side }) =>
  side.threads === undefined
    ? [side]
    : RIVALS.filter(({ jobs }) => jobs.includes(job)).map(({ name, script }) => ({
        label: `${name}, ${side.threads} ${side.threads === 1 ? 'thread' : 'threads'}`,
        script,
        threads: side.threads,
      }));

/** All contenders of some rows, without duplicates. */
export const contendersOfRows = (job, rows) => [
  ...new Map(
    rows
      .flatMap(({ of, rival, limit = [] }) => [of, rival, ...limit])
      .flatMap((side) => contendersOf({ job, side }))
      .map((each) => [each.label, each]),
  ).values(),
];

/** Options to start a rival; undefined if its environment is missing. */
export const startersOfRival = ({ label, script, threads }, args, python) =>
  python === undefined
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
 */
export const fastest = ({ job, side, racers }) => {
  const [best, ...others] = contendersOf({ job, side })
    .filter(({ label }) => racers.has(label))
    .map(({ label }) => ({ label, seconds: median(racers.get(label).seconds) }))
    .sort((a, b) => a.seconds - b.seconds);
  return best === undefined
    ? {}
    : {
        rival: best.seconds,
        rivalName: best.label,
        others: Object.fromEntries(others.map(({ label, seconds }) => [label, seconds])),
      };
};

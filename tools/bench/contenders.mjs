// Contenders of training, sampling and products, each in a process of its own. A row compares with the faster of the
// rivals that can run its job, on as many threads as ours has workers.
import { fileURLToPath } from 'node:url';
import { contend } from './contender.mjs';
import { peerEnvironment } from './python.mjs';

/**
 * @import { Python } from './python.mjs'
 * @import { Starter } from './race.mjs'
 * @import { Contender, Row, Threads } from './rows.mjs'
 */

const RIVALS = [
  { name: 'PyTorch', script: 'peer.py', jobs: ['toy', 'tabular', 'image', 'sampling', 'products'] },
  { name: 'JAX', script: 'peer_jax.py', jobs: ['toy', 'tabular', 'products'] },
];

/** @param {string} file */
export const here = (file) => fileURLToPath(new URL(file, import.meta.url));

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
 * How contenders start. Rivals are left out if their environment is missing.
 *
 * @param {readonly Contender[]} contenders
 * @param {object} options
 * @param {(contender: Contender) => readonly (string | number | undefined)[]} options.own Script and arguments of ours.
 * @param {readonly (string | number)[]} options.rival Arguments of rivals.
 * @param {Python} [options.python]
 * @returns {readonly Starter[]}
 */
export const starters = (contenders, { own, rival, python }) =>
  contenders.flatMap((contender) => {
    const { label, script, threads = 1 } = contender;
    if (script === undefined) {
      const [program, ...args] = own(contender).map(String);
      return [() => contend(label, process.execPath, [here(program), ...args])];
    }
    if (python === undefined) return [];
    const args = [here(script), ...rival, '--threads', threads, '--serve'].map(String);
    return [() => contend(label, python.command, args, peerEnvironment(threads))];
  });

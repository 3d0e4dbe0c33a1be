// The programs that are compared (contenders) for training, sampling and matrix products, each in a separate process. A
// row compares this library with the faster of PyTorch and JAX, on one thread for each worker of this library.
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
 * Returns the contenders of one side of a row: the given contender, or each of PyTorch and JAX that can run the job.
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
 * Returns all contenders of the rows, without duplicates.
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
 * Returns functions that start the contenders. PyTorch and JAX are left out if their Python environment is missing.
 *
 * @param {readonly Contender[]} contenders
 * @param {object} options
 * @param {(contender: Contender) => readonly (string | number | undefined)[]} options.own Script and arguments of a
 * program of this library.
 * @param {readonly (string | number)[]} options.rival Arguments of peer.py and peer_jax.py.
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

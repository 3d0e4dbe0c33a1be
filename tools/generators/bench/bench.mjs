// Shared code of the benchmarks of plugins: measures functions in turns, takes medians, and prints a table with the
// machine and the versions. With `--quick`, fewer turns are measured.
import { dirname } from 'node:path';
import { compileCommand, shortest, stalePackage } from '../../../apps/trainer/dist/plugins/build-state.js';
import { machine, versions } from '../../bench/machine.mjs';
import { median } from '../../bench/statistics.mjs';

/** @import { Backend, BackendAdapter } from '@impflow/core' */

const quick = process.argv.includes('--quick');
const [WARM, TURNS] = quick ? [1, 3] : [5, 25];

/**
 * Returns the quantile of `numbers` at `share`.
 *
 * @param {ArrayLike<number>} numbers
 * @param {number} share
 */
export const quantile = (numbers, share) => Float64Array.from(numbers).sort()[Math.ceil(share * numbers.length) - 1];

/**
 * Starts the backend, if one is given, and returns the functions that a benchmark calls. Warns if the package of this
 * benchmark has changed since it was compiled.
 *
 * @param {BackendAdapter} [adapter]
 */
export const bench = async (adapter) => {
  const stale = stalePackage(dirname(dirname(process.argv[1])));
  if (stale !== undefined)
    console.error(
      `${shortest(stale)} has changed since it was compiled: these numbers are of the old build. Compile it: ${compileCommand(stale)}`,
    );
  const backend = await adapter?.start();
  return {
    race,
    raceStarted,
    /**
     * @param {readonly string[]} head
     * @param {readonly Cells[]} rows
     */
    report: (head, rows) => report(head, rows, backend),
  };
};

/** @typedef {readonly (string | number)[]} Cells */

/** @typedef {() => unknown} Work */

/** @param {Work} work */
const timed = async (work) => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

/**
 * Returns the median milliseconds of each function in `works`. All functions are warmed up. Then all functions run in
 * turns, so that a slow phase of the machine affects all functions.
 *
 * @param {readonly Work[]} works
 */
const race = async (works) => {
  for (const work of works) for (let i = 0; i < WARM; i++) await work();
  /** @type {readonly number[][]} */
  const times = works.map(() => []);
  for (let turn = 0; turn < TURNS; turn++) for (const [i, work] of works.entries()) times[i].push(await timed(work));
  return times.map(median);
};

/**
 * Returns the median milliseconds of one function on each backend. A backend is started for its turn and disposed after
 * the turn.
 *
 * @param {readonly BackendAdapter[]} adapters
 * @param {Work} work
 */
const raceStarted = async (adapters, work) => {
  /** @type {readonly number[][]} */
  const times = adapters.map(() => []);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [i, adapter] of adapters.entries()) {
      const backend = await adapter.start();
      for (let j = 0; j < WARM; j++) await work();
      times[i].push(await timed(work));
      backend.dispose();
    }
  }
  return times.map(median);
};

/**
 * @param {readonly string[]} head
 * @param {readonly Cells[]} rows
 * @param {Backend} [backend]
 */
const report = (head, rows, backend) => {
  const { cpu, cores, memoryGiB, system } = machine();
  console.log(`${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}`);
  console.log(
    Object.entries(versions())
      .map(([name, version]) => `${name} ${version}`)
      .join(', ') + (backend === undefined ? '' : `; backend ${backend.name}`),
  );
  console.log(`Medians of turns taken one after the other${quick ? ', few: --quick' : ''}.\n`);
  /** @param {Cells} cells */
  const line = (cells) => `| ${cells.join(' | ')} |`;
  console.log([head, head.map(() => '---'), ...rows].map(line).join('\n'));
};

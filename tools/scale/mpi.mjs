// Measures the cost of a training step on the ranks of an MPI job, with all ranks on this machine.
import { fileURLToPath } from 'node:url';
import { startMpiJob } from '../../packages/testkit/private/mpi.mjs';
import { lastJson } from '../last-json.mjs';

/** Number of rows in a step, as in the benchmarks, and number of steps in a measurement. */
export const MPI_SIZES = /** @type {const} */ ({
  toy: { batch: 500, steps: 60 },
  tabular: { batch: 1000, steps: 12 },
  image: { batch: 64, steps: 20 },
});

/**
 * Returns the shortest times of several measurements, because other programs can only slow a measurement down.
 *
 * @param {keyof typeof MPI_SIZES} preset
 * @param {number} ranks
 * @param {number} turns
 * @returns {Promise<import('./mpi-model.mjs').MpiRow>}
 */
export const mpiSteps = async (preset, ranks, turns) => {
  const job = JSON.stringify({ preset, ...MPI_SIZES[preset] });
  const rows = [];
  for (let turn = 0; turn < turns; turn++) {
    const started = startMpiJob(ranks, [fileURLToPath(new URL('./mpi-steps.mjs', import.meta.url)), job]);
    const { code, stdout, stderr } = await started.exited;
    if (code !== 0) throw new Error(`${preset} on ${ranks} ranks ended with ${code}: ${stderr}`);
    rows.push(lastJson(stdout));
  }
  return {
    ...rows[0],
    secondsPerStep: Math.min(...rows.map(({ secondsPerStep }) => secondsPerStep)),
    exchangeSeconds: Math.min(...rows.map(({ exchangeSeconds }) => exchangeSeconds)),
  };
};

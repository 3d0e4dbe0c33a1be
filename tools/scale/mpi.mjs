// Measures the cost of a step on the ranks of an MPI job, as a table and docs/measured/scale-mpi.json:
// node tools/scale/mpi.mjs [--presets toy,tabular,image] [--ranks 1,2,3,4] [--turns 2]
// All ranks are on this machine. Takes some minutes, and wants npm run setup:scale and mpirun.
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startMpiJob } from '../../packages/testkit/private/mpi.mjs';
import { machine, versions } from '../bench/machine.mjs';
import { mpiTable } from './mpi-page.mjs';

/** @import { MpiRow } from './mpi-model.mjs' */

const { values: options } = parseArgs({
  options: {
    presets: { type: 'string', default: 'toy,tabular,image' },
    ranks: { type: 'string', default: '1,2,3,4' },
    turns: { type: 'string', default: '2' },
  },
});
/** Rows of a step, as in npm run bench, and steps of a measurement. */
const SIZES = { toy: { batch: 500, steps: 60 }, tabular: { batch: 1000, steps: 12 }, image: { batch: 64, steps: 20 } };

const program = fileURLToPath(new URL('./mpi-steps.mjs', import.meta.url));
/** The faster of all turns: what else runs on the machine only slows. @type {Map<string, MpiRow>} */
const best = new Map();
const loads = [];
for (let turn = 0; turn < Number(options.turns); turn++)
  for (const preset of options.presets.split(','))
    for (const ranks of options.ranks.split(',').map(Number)) {
      loads.push(loadavg()[0]);
      const size = SIZES[/** @type {keyof typeof SIZES} */ (preset)];
      const { code, stdout, stderr } = await startMpiJob(ranks, [program, JSON.stringify({ preset, ...size })]).exited;
      if (code !== 0) throw new Error(`${preset} on ${ranks} ranks ended with ${code}: ${stderr}`);
      /** @type {MpiRow} */
      const row = JSON.parse(stdout);
      const id = `${preset} ${ranks}`;
      const before = best.get(id) ?? row;
      best.set(id, {
        ...row,
        secondsPerStep: Math.min(row.secondsPerStep, before.secondsPerStep),
        exchangeSeconds: Math.min(row.exchangeSeconds, before.exchangeSeconds),
      });
      console.error(
        `${id}: ${(1000 * row.secondsPerStep).toFixed(1)} ms, exchange ${(1000 * row.exchangeSeconds).toFixed(2)} ms`,
      );
    }

const found = {
  machine: machine(),
  versions: versions(),
  date: new Date().toISOString().slice(0, 10),
  /** Processes that wanted to run before each measurement, in the mean of the last minute. */
  load: { least: Math.min(...loads), most: Math.max(...loads) },
  rows: [...best.values()],
};
writeFileSync(
  fileURLToPath(new URL('../../docs/measured/scale-mpi.json', import.meta.url)),
  `${JSON.stringify(found, null, 1)}\n`,
);
console.log(mpiTable(found));

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contend } from './contender.mjs';
import { peerEnvironment } from './python.mjs';
import { race } from './race.mjs';
import { result } from './result.mjs';
import { samplingRow } from './rows.mjs';
import { median } from './statistics.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const ROWS = 10_000;

/** `{ results, roundTrips }`: both sides draw from the same checkpoint, which is trained here unless `weights` names one. */
export const compareSampling = async (options) => {
  const { wanted, quick, python, say } = options;
  if (!wanted(samplingRow.name)) return { results: [], roundTrips: [] };
  const folder = mkdtempSync(join(tmpdir(), 'impflow-bench-'));
  try {
    const weights = options.weights ?? join(folder, 'toy.safetensors');
    if (options.weights === undefined && !trainToy(weights, quick ? 20 : 300, say)) return { results: [result(samplingRow)], roundTrips: [] };
    const draw = ['--weights', weights];
    const threads = availableParallelism();
    const racers = await race([
      () => contend('ours', process.execPath, [here('sampling.mjs'), '--rows', String(ROWS), ...draw]),
      ...(python === undefined ? [] : [() => contend('PyTorch', python.command, [here('peer.py'), '--sample', String(ROWS), ...draw, '--warmup', '5', '--threads', String(threads), '--serve'], peerEnvironment(threads))]),
    ], options, '10,000 samples');
    const seconds = (side) => racers.has(side) ? median(racers.get(side).seconds) : null;
    return {
      results: [result({ ...samplingRow, ours: seconds('ours'), rival: seconds('PyTorch') })],
      roundTrips: [...racers].map(([side, { conclusion: { roundTrip, solverSteps } }]) => ({ side, ...roundTrip, solverSteps })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Whether it succeeded. */
const trainToy = (file, steps, say) => {
  say(`training a toy model to sample from: ${steps} steps`);
  const { status } = spawnSync(process.execPath, [here('training.mjs'), '--steps', String(steps), '--save', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) return true;
  say(`training failed with exit code ${status}: no samples`);
  process.exitCode = 1;
  return false;
};

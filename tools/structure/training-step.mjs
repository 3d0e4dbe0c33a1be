// Prints the functions that one step of `impflow train` calls, as JSON: `[{ file, functions }]`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callCounter } from './calls.mjs';

/** The step that is counted. By then kernels, caches and the memory of the solvers exist. */
const STEP = 20;

const calls = callCounter();
const { main } = await import('../../apps/trainer/dist/index.js');
const folder = mkdtempSync(join(tmpdir(), 'impflow-touched-'));

// The training loop reads its signal once before each step, so a step is what runs between two reads.
let looks = 0;
/** @type {ReturnType<typeof calls> | undefined} */
let files;
const own = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get;
Object.defineProperty(AbortSignal.prototype, 'aborted', {
  get() {
    looks++;
    if (looks === STEP) calls();
    if (looks === STEP + 1) files = calls();
    // Stops the training, as an interruption does.
    return looks > STEP || own?.call(this);
  },
});

try {
  const run = join(folder, 'run');
  const code = await main([
    'train',
    '--data',
    'zipcodes',
    '--preset',
    'toy',
    '--backend',
    'wasm',
    '--workers',
    '1',
    '--steps',
    '1000',
    '--validate-every',
    '500',
    '--quiet',
    '--out',
    run,
  ]);
  const steps = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').length;
  if (code !== 130 || looks !== STEP + 1 || steps !== STEP) {
    throw new Error(
      '[structure/training-step] The training does not look at its signal once before each step: ' +
        `expected exit code 130 after ${STEP + 1} looks and ${STEP} steps, got ${code}, ${looks} and ` +
        `${steps}. Adapt this script.`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(JSON.stringify(files));

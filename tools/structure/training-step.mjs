// Runs 20 steps of `impflow train`, and takes the coverage of V8 before and after the last step.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeCoverage } from 'node:v8';
import { main } from '../../apps/trainer/dist/index.js';

/** The step that is measured. In this step, kernels, caches and the memory of the solvers already exist. */
const STEP = 20;

// `fit` reads the property `aborted` of its signal once before each step, so a step is the code between two such reads.
// Reads by other files are ignored.
let reads = 0;
const own = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get;
Object.defineProperty(AbortSignal.prototype, 'aborted', {
  get() {
    const [, , reader] = (new Error().stack ?? '').split('\n');
    if (!reader.includes('/packages/training/dist/fit.js')) return own?.call(this);
    reads++;
    if (reads === STEP || reads === STEP + 1) takeCoverage();
    // After the measured step, the value `true` stops the training like an interruption.
    return reads > STEP || own?.call(this);
  },
});

const folder = mkdtempSync(join(tmpdir(), 'impflow-touched-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const fixed = ['--data', 'zipcodes', '--preset', 'toy', '--backend', 'wasm', '--workers', '1', '--steps', '1000'];
const code = await main(['train', ...fixed, '--validate-every', '500', '--quiet', '--out', join(folder, 'run')]);
const steps = readFileSync(join(folder, 'run/metrics.jsonl'), 'utf8').trimEnd().split('\n').length;
if (code !== 130 || reads !== STEP + 1 || steps !== STEP)
  throw new Error(
    '[structure/training-step] `fit` does not read its signal once before each step: expected exit code 130 after ' +
      `${STEP + 1} reads and ${STEP} steps, got ${code}, ${reads} and ${steps}. Adapt this script.`,
  );

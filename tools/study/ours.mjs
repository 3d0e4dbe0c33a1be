// A flow of this library, through the command line: `impflow train` for some seconds, then `impflow score` on the test
// rows.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { data } from '../bench/library.mjs';
import { lastJson } from '../last-json.mjs';
import { curveOfRun } from './curve.mjs';
import { runFolder, scoresFile, writeNumbers } from './places.mjs';

/** @import { Job, Spent } from './records.mjs' */

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The last line of `impflow ... --json`, with the processor seconds of the process.
 *
 * @param {readonly string[]} args
 * @param {string} scratch
 * @throws with its output if it fails.
 */
const impflow = async (args, scratch) => {
  const file = join(scratch, 'processor-seconds.txt');
  mkdirSync(scratch, { recursive: true });
  // The working folder is the root, because options of contenders name plugins relative to it.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--import',
      new URL('processor-time.mjs', import.meta.url).href,
      here('../../apps/trainer/bin/impflow.mjs'),
      ...args,
      '--json',
      '--quiet',
    ],
    { cwd: here('../..'), maxBuffer: 1 << 26, env: { ...process.env, IMPFLOW_PROCESSOR_TIME: file } },
  ).catch((error) => {
    throw new Error(`impflow ${args[0]} ended with ${error.code}: ${error.stderr?.trim().slice(-1000)}`);
  });
  return { ...lastJson(stdout), processorSeconds: Number(readFileSync(file, 'utf8')) };
};

/**
 * The `--plugin` option among the options of a training, which `score` needs to read the model.
 *
 * @param {readonly string[]} options
 */
const pluginOf = (options) =>
  options.includes('--plugin') ? options.slice(options.indexOf('--plugin')).slice(0, 2) : [];

/**
 * Measures `impflow train` with these options in addition to data, seed, seconds and one thread.
 *
 * @param {readonly string[]} options
 * @returns {(job: Job, rows: { folder: string; seconds: number }) => Promise<Spent & { parameters: number; unconverged: number }>}
 */
export const ours =
  (options) =>
  async (job, { folder, seconds }) => {
    const run = runFolder(job);
    const [train, validation, test] = ['train', 'validation', 'test'].map((part) => join(folder, `${part}.csv`));
    rmSync(run, { recursive: true, force: true });
    const begin = performance.now();
    const result = await impflow(
      [
        'train',
        '--data',
        train,
        '--validation',
        validation,
        '--test',
        test,
        '--seconds',
        String(seconds),
        '--seed',
        String(job.seed),
        '--workers',
        '1',
        ...options,
        '--out',
        join(run, 'run'),
      ],
      run,
    );
    const wall = (performance.now() - begin) / 1000;
    const scores = join(run, 'scores.csv');
    const { unconverged, processorSeconds } = await impflow(
      ['score', join(run, 'run'), test, ...pluginOf(options), '--out', scores],
      run,
    );
    const { columns } = await data.readFrame(scores, { columns: ['log_density'] });
    const values = columns[0].numbers;
    // The files already contain noise. If training added noise to values that seem to repeat, its nats would differ
    // from those of score.
    const [trained, scored] = [result.heldOut.nats, -values.reduce((sum, value) => sum + value, 0) / values.length];
    if (Math.abs(trained - scored) > 1e-3 * (1 + Math.abs(scored)))
      throw new Error(
        `impflow train and impflow score saw other test rows: expected the same nats, got ${trained} and ${scored}.`,
      );
    writeNumbers(scoresFile(job), values);
    return {
      parameters: result.parameters,
      seconds: wall,
      processorSeconds: result.processorSeconds,
      scoringProcessorSeconds: processorSeconds,
      unconverged,
      curve: curveOfRun(join(run, 'run', 'metrics.jsonl'), result.trainingSeconds / result.steps),
      details: { options, steps: result.steps, bestStep: result.bestStep, trainingSeconds: result.trainingSeconds },
    };
  };

// The command line as a process, and the numbers of the files that it writes.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lastJson } from '../last-json.mjs';

const command = fileURLToPath(new URL('../../apps/trainer/bin/impflow.mjs', import.meta.url));

const processorTime = new URL('processor-time.mjs', import.meta.url).href;

/**
 * The last line of `impflow ... --json`, with the wall and the processor seconds of the process.
 *
 * @param {readonly string[]} args
 * @throws with its output if it fails.
 */
export const impflow = async (...args) => {
  const begin = performance.now();
  const scratch = mkdtempSync(join(tmpdir(), 'impflow-tables-'));
  const file = join(scratch, 'processor-seconds.txt');
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', processorTime, command, ...args, '--json', '--quiet'],
      { maxBuffer: 1 << 28, env: { ...process.env, IMPFLOW_PROCESSOR_TIME: file } },
    );
    const wall = (performance.now() - begin) / 1000;
    return { ...lastJson(stdout), wall, processorSeconds: Number(readFileSync(file, 'utf8')) };
  } catch (error) {
    const { code, stderr, message } = /** @type {{ code?: unknown; stderr?: string; message?: string }} */ (error);
    throw new Error(`impflow ${args[0]} ended with ${String(code)}: ${(stderr ?? message ?? '').trim().slice(-1500)}`, {
      cause: error,
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/**
 * The numbers of a CSV file with a header and no texts, by column.
 *
 * @param {string} path
 * @returns {Readonly<Record<string, Float64Array>>}
 */
export const numbersOf = (path) => {
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const names = head.split(',');
  const rows = lines.map((line) => line.split(',').map((cell) => (cell === '' ? NaN : Number(cell))));
  return Object.fromEntries(names.map((name, j) => [name, Float64Array.from(rows, (row) => row[j])]));
};

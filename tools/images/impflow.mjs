// The command line as a function: returns its JSON, and the seconds per step from its metrics.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { lastJson } from '../last-json.mjs';

const bin = fileURLToPath(new URL('../../apps/trainer/bin/impflow.mjs', import.meta.url));

/**
 * The last line of `impflow ... --json`.
 *
 * @param {readonly string[]} args
 * @throws with its output if it fails.
 */
export const impflow = async (args) => {
  const child = spawn(process.execPath, [bin, ...args, '--json', '--quiet'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '',
    complaints = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`impflow ${args.join(' ')} ended with ${code}: ${complaints.slice(-1000)}`);
  // Without the paths of its files, which differ each time.
  const { run: _run, ...result } = lastJson(out);
  return result;
};

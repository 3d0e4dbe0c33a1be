// Measurements in a process of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { lastJson } from '../last-json.mjs';

/**
 * The JSON on the last line of what a program prints.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.cwd]
 * @param {(line: string) => void} [options.say] Takes each line of its standard error.
 * @throws with its last output if it fails.
 */
export const jsonFrom = async (command, args, { env = process.env, cwd, say = () => {} } = {}) => {
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    complaints = `${complaints}\n${line}`.slice(-1500);
    say(line);
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0)
    throw new Error(`${[command, ...args].join(' ').slice(0, 200)} ended with ${code ?? signal}: ${complaints.trim()}`);
  return lastJson(printed);
};

/**
 * The same for a script of this Node.
 *
 * @param {string | URL} script
 * @param {readonly (string | number)[]} args
 * @param {Parameters<typeof jsonFrom>[2] & { flags?: readonly string[] }} [options]
 */
export const jsonOf = (script, args, { flags = [], ...options } = {}) =>
  jsonFrom(
    process.execPath,
    [...flags, script instanceof URL ? fileURLToPath(script) : script, ...args.map(String)],
    options,
  );

/** The command line of this project. */
export const IMPFLOW = fileURLToPath(new URL('../../apps/trainer/bin/impflow.mjs', import.meta.url));

/**
 * The result of a command of `impflow`.
 *
 * @param {readonly (string | number)[]} args
 */
export const impflow = (args) => jsonOf(IMPFLOW, [...args, '--json', '--quiet']);

// Runs measurements in separate processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { lastJson } from '../last-json.mjs';

/**
 * Runs a program. Resolves to the JSON on the last line of its output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.cwd]
 * @param {(line: string) => void} [options.say] Called with each line of its standard error.
 * @throws if the program fails; the message contains its last output.
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
 * Runs a script with the running Node. Resolves to the JSON on the last line of its output.
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

/** Path of the command line of this project. */
export const IMPFLOW = fileURLToPath(new URL('../../apps/trainer/bin/impflow.mjs', import.meta.url));

/**
 * Runs a command of `impflow`. Resolves to its result.
 *
 * @param {readonly (string | number)[]} args
 */
export const impflow = (args) => jsonOf(IMPFLOW, [...args, '--json', '--quiet']);

// Shared code of the release tools: runs commands, makes temporary folders, and runs two jobs at a time.
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../message-of.mjs';

/** @typedef {{ cwd?: string; env?: NodeJS.ProcessEnv; seconds?: number }} RunOptions */

/** @typedef {{ stdout: string; printed: string }} Printed Standard output, and standard output with standard error. */

/**
 * Returns the environment without the variables that npm sets for its scripts. These variables would change the
 * behavior of an npm that is started from here.
 */
const inherited = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$|^NODE_ENV$/i.test(name)));

/**
 * Runs a command. Resolves to its standard output, and to standard output with standard error. If the PATH of `env` has
 * another Node, the command uses it.
 *
 * @throws if the command fails or takes too long; the message has its last lines.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Printed>}
 */
export const run = (command, args, { cwd, env = {}, seconds = 300 } = {}) =>
  new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && ['npm', 'npx'].includes(command);
    const child = spawn(command, args, {
      cwd,
      shell,
      env: { ...inherited(), npm_config_loglevel: 'error', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
    });
    let [stdout, printed] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
      printed += data;
    });
    child.stderr.on('data', (data) => {
      printed += data;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve({ stdout, printed });
      const why = signal === 'SIGTERM' ? `not done after ${seconds} s` : `exit code ${code ?? signal}`;
      reject(
        new Error(
          `${[command.split(/[/\\]/).at(-1), ...args].join(' ').slice(0, 200)}: ${why}\n${printed.trim().split('\n').slice(-40).join('\n')}`,
        ),
      );
    });
  });

/**
 * Runs a program with the running Node.
 *
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export const node = (args, options) => run(process.execPath, args, options);

/**
 * Returns a temporary folder outside the workspace, so that modules of the workspace are not found by accident.
 *
 * @param {string} name
 */
export const emptyFolder = (name) => realpathSync(mkdtempSync(join(tmpdir(), `impflow-${name}-`)));

/**
 * Runs `job` in an empty folder. The folder is deleted afterwards; after a failure it stays, and the error names it.
 *
 * @template T
 * @param {string} name
 * @param {(folder: string) => Promise<T>} job
 * @returns {Promise<T>}
 */
export const inEmptyFolder = async (name, job) => {
  const folder = emptyFolder(name);
  let result;
  try {
    result = await job(folder);
  } catch (error) {
    if (error instanceof Error) error.message += `\nWhat it made is left in ${folder}.`;
    throw error;
  }
  rmSync(folder, { recursive: true, force: true });
  return result;
};

/**
 * Runs a job for each item, `width` jobs at a time. Resolves to the results in the order of the items. After a failure
 * no new jobs start, and the promise rejects when the running jobs have ended.
 *
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<R>} job
 * @param {number} [width]
 * @returns {Promise<R[]>}
 */
export const inTurns = async (items, job, width = 2) => {
  /** @type {R[]} */
  const results = Array.from({ length: items.length });
  let next = 0;
  /** @type {unknown} */
  let failed;
  const work = async () => {
    while (next < items.length && failed === undefined) {
      const at = next++;
      try {
        results[at] = await job(items[at]);
      } catch (error) {
        failed ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  if (failed !== undefined) throw failed;
  return results;
};

/**
 * Returns a function that prints lines with the seconds since the start.
 *
 * @param {string} tool
 * @returns {(line: string) => void}
 */
export const progress = (tool) => {
  const begun = performance.now();
  return (line) => console.error(`[${tool}] ${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}`);
};

/**
 * Runs a command-line tool; an error is printed as a message without a stack.
 *
 * @param {string} tool
 * @param {() => Promise<void>} job
 */
export const asCommand = async (tool, job) => {
  try {
    await job();
  } catch (error) {
    console.error(`[${tool}] ${messageOf(error)}`);
    process.exitCode = 1;
  }
};

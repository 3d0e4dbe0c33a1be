// Commands, temporary folders and two jobs at a time: what the tools of the release have in common.
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a script of npm passes on would steer the npm that it calls. */
const inherited = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$|^NODE_ENV$/i.test(name)));

/**
 * Runs a command and resolves to what it printed, standard output and both together. `node` is this one unless `env` has another on its PATH.
 *
 * @throws where it fails or takes too long, with its last lines.
 */
export const run = (command, args, { cwd, env = {}, seconds = 300 } = {}) => new Promise((resolve, reject) => {
  const shell = process.platform === 'win32' && ['npm', 'npx'].includes(command);
  const child = spawn(command, args, { cwd, shell, env: { ...inherited(), npm_config_loglevel: 'error', ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: seconds * 1000 });
  let [stdout, printed] = ['', ''];
  child.stdout.on('data', (data) => { stdout += data; printed += data; });
  child.stderr.on('data', (data) => { printed += data; });
  child.on('error', reject);
  child.on('close', (code, signal) => {
    if (code === 0) return resolve({ stdout, printed });
    const why = signal === 'SIGTERM' ? `not done after ${seconds} s` : `exit code ${code ?? signal}`;
    reject(new Error(`${[command.split(/[/\\]/).at(-1), ...args].join(' ').slice(0, 200)}: ${why}\n${printed.trim().split('\n').slice(-40).join('\n')}`));
  });
});

export const node = (args, options) => run(process.execPath, args, options);

/** A folder of its own, outside of the workspace: nothing is found there that was not put there. */
export const emptyFolder = (name) => realpathSync(mkdtempSync(join(tmpdir(), `impflow-${name}-`)));

/** Runs `job` in an empty folder, which goes when it is done and stays, told of in the error, when it fails. */
export const inEmptyFolder = async (name, job) => {
  const folder = emptyFolder(name);
  let result;
  try {
    result = await job(folder);
  } catch (error) {
    error.message += `\nWhat it made is left in ${folder}.`;
    throw error;
  }
  rmSync(folder, { recursive: true, force: true });
  return result;
};

/** Maps with so many jobs at a time, in order. The first that fails ends it, once the others that began have ended. */
export const inTurns = async (items, job, width = 2) => {
  const results = Array.from({ length: items.length });
  let [next, failed] = [0, undefined];
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

/** Lines with the seconds since the start. */
export const progress = (tool) => {
  const begun = performance.now();
  return (line) => console.error(`[${tool}] ${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}`);
};

/** Runs a tool of the command line; what goes wrong is told in words, without a stack. */
export const asCommand = async (tool, job) => {
  try {
    await job();
  } catch (error) {
    console.error(`[${tool}] ${error.message}`);
    process.exitCode = 1;
  }
};

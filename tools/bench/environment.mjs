// Creates and checks the Python virtual environments of this repository. A requirements file lists their packages.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** @typedef {ReturnType<typeof environmentOf>} Environment */

/**
 * Describes the environment in `folder` with the packages of the file `requirements`. Does not create it.
 *
 * @param {{ folder: string; requirements: string }} places
 */
export const environmentOf = ({ folder, requirements }) => {
  const command = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  /** File that is written last, after all packages were imported. The file contains the result of `wanted`. */
  const stamp = join(folder, 'impflow-stamp');
  const wanted = () =>
    createHash('sha256').update(`${process.platform} ${process.arch}`).update(readFileSync(requirements)).digest('hex');
  /** Returns whether the environment is complete. `command` is missing if the Python that it links to was removed. */
  const ready = () => existsSync(command) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted();
  return { folder, requirements, command, stamp, wanted, ready };
};

const DEBIAN = 'Debian: apt-get install python3 python3-venv';

/**
 * Creates the environment if it is not complete. If the creation fails, prints what to do and ends the program.
 *
 * @param {Environment} environment
 * @param {object} options
 * @param {string} options.name Word at the beginning of each line of progress.
 * @param {number} options.minor Minor version of the oldest Python 3 that the packages support.
 * @param {string} options.installing Description of the packages, for the progress.
 * @param {string} options.space Space that the packages need on the disk.
 * @param {string} options.check Python code that fails if the packages do not run.
 */
export const makeEnvironment = (environment, { name, minor, installing, space, check }) => {
  const { folder, requirements, command, stamp, wanted, ready } = environment;
  if (ready()) return;
  /** @param {string} line */
  const say = (line) => console.error(`[${name}] ${line}`);
  /** @param {string} line */
  const fail = (line) => {
    say(line);
    return process.exit(1);
  };

  /**
   * Runs a command. If the command fails, prints its last lines and what to do.
   *
   * @param {string} what
   * @param {string} program
   * @param {readonly string[]} args
   * @param {string} hint
   */
  const run = (what, program, args, hint) => {
    say(what);
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status === 0) return;
    console.error(`${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').slice(-15).join('\n'), error?.message ?? '');
    return fail(`${what}: failed. ${hint}`);
  };

  /**
   * Returns the name of a Python that is new enough and can create environments. Ends the program if there is no such
   * Python.
   */
  const basePython = () => {
    const names = process.platform === 'win32' ? ['python', 'python3'] : ['python3', 'python'];
    const found = names.flatMap((name) => {
      const { status, stdout } = spawnSync(name, ['-c', 'import sys; print(*sys.version_info[:2])'], {
        encoding: 'utf8',
      });
      const [major, at] = (stdout ?? '').split(' ').map(Number);
      return status === 0 ? [{ name, version: `${major}.${at}`, fits: major === 3 && at >= minor }] : [];
    });
    if (found.length === 0) fail(`Python was not found: expected python3 on the PATH. ${DEBIAN}`);
    const python = found.find(({ fits }) => fits);
    if (python === undefined)
      return fail(
        `Python is too old: expected 3.${minor} or newer, got ${found.map(({ version }) => version).join(', ')}.`,
      );
    // On Debian, `venv` lacks `ensurepip` until python3-venv is installed.
    if (spawnSync(python.name, ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status !== 0)
      fail(`Python ${python.version} lacks its module venv. ${DEBIAN}`);
    return python.name;
  };

  const begin = performance.now();
  const python = basePython();
  rmSync(stamp, { force: true });
  mkdirSync(dirname(folder), { recursive: true });
  // The folder is cleared only if its Python is missing, so packages that an interrupted run installed are kept.
  run(
    'making the environment',
    python,
    ['-m', 'venv', ...(existsSync(command) ? [] : ['--clear']), folder],
    'See above.',
  );
  run(
    `installing ${installing}`,
    command,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements],
    `It needs a Python package index, and ${space} on the disk.`,
  );
  run('importing them', command, ['-c', check], 'They were installed, and do not run here.');
  writeFileSync(stamp, wanted());
  say(`done in ${((performance.now() - begin) / 1000).toFixed(0)} s, in ${relative(process.cwd(), folder)}`);
};

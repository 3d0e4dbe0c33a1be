// Real MPI jobs for tests and measurements: `mpirun` of Open MPI or MPICH, with more ranks than cores.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} MpiJob
 * @property {number} pid Process id of `mpirun`.
 * @property {() => string} said Standard error of the job so far.
 * @property {(signal: NodeJS.Signals) => void} signal Sends a signal to `mpirun`.
 * @property {(rank: number) => RankProcess[]} processes The running processes of a rank, on this machine.
 * @property {Promise<MpiOutcome>} exited Resolves when `mpirun` has ended.
 * @property {() => Promise<void>} end Ends `mpirun` and all ranks.
 */
/** @typedef {{ readonly code: number | null; readonly stdout: string; readonly stderr: string }} MpiOutcome */
/** @typedef {{ readonly pid: number; readonly environment: Readonly<Record<string, string>> }} RankProcess */

/** @param {string} name */
const isThere = (name) => spawnSync(name, ['--version']).status === 0;

/**
 * Name of the program `mpirun` of each library; undefined if it is not installed. Debian calls the programs
 * `mpirun.openmpi` and `mpirun.mpich` if both are installed.
 */
const OPEN_MPI = ['mpirun.openmpi', 'mpirun'].find(isThere);
const MPICH = ['mpirun.mpich'].find(isThere);

const isRequired = process.env['IMPFLOW_SERVICES'] === 'required';

/**
 * The reason why tests with Open MPI are skipped on this machine; undefined if they run. With the environment variable
 * `IMPFLOW_SERVICES=required`, tests with Open MPI are never skipped.
 */
export const noMpi =
  OPEN_MPI === undefined && !isRequired ? 'mpirun is missing (Debian: apt-get install openmpi-bin)' : undefined;
/** The reason why tests with MPICH are skipped on this machine; undefined if they run. MPICH is never required. */
export const noMpich = MPICH === undefined ? 'mpirun.mpich is missing (Debian: apt-get install mpich)' : undefined;

/**
 * Starts a Node program as an MPI job, with all ranks on this machine.
 *
 * @param {number} ranks
 * @param {readonly string[]} args Arguments of `node`.
 * @param {{ readonly library?: 'openmpi' | 'mpich'; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string }} [options]
 * @returns {MpiJob}
 */
export const startMpiJob = (ranks, args, { library = 'openmpi', env = {}, cwd = process.cwd() } = {}) => {
  const program = library === 'openmpi' ? OPEN_MPI : MPICH;
  if (program === undefined) throw new Error('mpirun is missing (Debian: apt-get install openmpi-bin)');
  const mark = randomUUID();
  const child = spawn(
    program,
    [
      ...(library === 'openmpi'
        ? ['--oversubscribe', ...(process.getuid?.() === 0 ? ['--allow-run-as-root'] : [])]
        : []),
      '-n',
      String(ranks),
      process.execPath,
      ...args,
    ],
    { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env, [MARK]: mark } },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  /** @type {Promise<MpiOutcome>} */
  const exited = new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  const all = () => processesWith(mark).filter(({ pid }) => pid !== child.pid);
  return {
    pid: /** @type {number} */ (child.pid),
    said: () => stderr,
    signal: (signal) => void child.kill(signal),
    processes: (rank) =>
      all().filter(({ environment: e }) => (e['OMPI_COMM_WORLD_RANK'] ?? e['PMI_RANK']) === String(rank)),
    exited,
    end: async () => {
      for (const { pid } of all()) kill(pid);
      child.kill('SIGKILL');
      await exited;
    },
  };
};

/** Environment variable that marks the processes of a job. */
const MARK = 'IMPFLOW_TEST_JOB';

/** @param {number} pid */
const kill = (pid) => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
};

/**
 * Returns the processes whose environment contains the mark.
 *
 * @param {string} mark
 * @returns {RankProcess[]}
 */
const processesWith = (mark) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        const environment = Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
        return environment[MARK] === mark ? [{ pid: Number(pid), environment }] : [];
      } catch {
        return [];
      }
    });

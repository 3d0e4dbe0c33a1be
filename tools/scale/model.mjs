// A model of the cost of a job: the start of a process, the rows per second of a core, and the shared Redis and file
// system.

/**
 * @typedef {object} Rates
 * @property {number} startSeconds Seconds until a process computes: start of Node, WebAssembly and the model.
 * @property {number} rowsPerCore Rows per second of one process on one core.
 * @property {number} efficiency Speed of a core while all cores are busy, relative to its speed while the other cores
 * are idle.
 * @property {number} [tasksPerSecond] Tasks per second that one Redis passes on.
 * @property {number} [bytesPerRow] Bytes that are read and written for a row.
 */

/**
 * Returns the seconds of a job, with `processes` processes and `cores` cores on each of `machines` machines. Processes
 * that share a core start one after the other.
 *
 * @param {Rates} rates
 * @param {{ rows: number; processes: number; cores: number; machines?: number }} job
 */
export const secondsOf = ({ startSeconds, rowsPerCore, efficiency }, { rows, processes, cores, machines = 1 }) => {
  const busy = Math.min(processes, cores);
  return (
    startSeconds * Math.max(1, processes / cores) + rows / (rowsPerCore * busy * (busy > 1 ? efficiency : 1) * machines)
  );
};

/**
 * Returns the numbers of cores at which Redis and the file system are saturated.
 *
 * @param {Rates} rates
 * @param {{ rowsPerPart: number; bytesPerSecond: number }} shared Size of a part, and speed of the file system.
 */
export const saturation = (
  { rowsPerCore, tasksPerSecond = Infinity, bytesPerRow = 0 },
  { rowsPerPart, bytesPerSecond },
) => ({ redis: (tasksPerSecond * rowsPerPart) / rowsPerCore, files: bytesPerSecond / (rowsPerCore * bytesPerRow) });

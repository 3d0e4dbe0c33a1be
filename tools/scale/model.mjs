// A model of what a job costs: what a process needs to start, rows per second of a core, and what the parts share.

/**
 * @typedef {object} Rates
 * @property {number} startSeconds Until a process computes: Node, WebAssembly, the model.
 * @property {number} rowsPerCore Rows per second of one process on one core.
 * @property {number} efficiency Speed of a core while all of them are busy, relative to one alone.
 * @property {number} [tasksPerSecond] Tasks that one Redis passes on.
 * @property {number} [bytesPerRow] Bytes that are read and written for a row.
 */

/**
 * Seconds of a job by `processes` processes on `cores` cores each of `machines` machines. Processes that share a core
 * start one after the other.
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
 * Cores at which what all share is used up.
 *
 * @param {Rates} rates
 * @param {{ rowsPerPart: number; bytesPerSecond: number }} shared Size of a part, and speed of the file system.
 */
export const saturation = (
  { rowsPerCore, tasksPerSecond = Infinity, bytesPerRow = 0 },
  { rowsPerPart, bytesPerSecond },
) => ({ redis: (tasksPerSecond * rowsPerPart) / rowsPerCore, files: bytesPerSecond / (rowsPerCore * bytesPerRow) });

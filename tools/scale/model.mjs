// A model of what a job costs: what a process needs to start, rows per second of a core, and what the parts share.

/**
 * @typedef {object} Rates
 * @property {number} startSeconds Until a process computes: Node, WebAssembly, the model.
 * @property {number} rowsPerCore Rows per second of one process on one core.
 * @property {number} [tasksPerSecond] Tasks that one Redis passes on.
 * @property {number} [bytesPerRow] Bytes that are read and written for a row.
 */

/**
 * Seconds of a job by `processes` processes on `cores` cores each of `machines` machines.
 *
 * @param {Rates} rates
 * @param {{ rows: number; processes: number; cores: number; machines?: number }} job
 */
export const secondsOf = ({ startSeconds, rowsPerCore }, { rows, processes, cores, machines = 1 }) =>
  startSeconds + rows / (rowsPerCore * Math.min(processes, cores) * machines);

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

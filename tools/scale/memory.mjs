// Measures the memory of a process and of its children, with /proc of Linux.
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Memory of a process in MB. `peak` is the peak of its resident memory. `now` is its current memory, in which each page
 * that processes share is divided among them.
 *
 * @typedef {{ pid: number; parent: number; name: string; peak: number; now: number }} Usage
 */

/** @param {string} pid */
const proportional = (pid) =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1000;

/** @returns {readonly Usage[]} */
const all = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        /** @param {string} field */
        const of = (field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
        return [
          {
            pid: Number(pid),
            parent: of('PPid'),
            name: line.find((word) => word.endsWith('.js') || word.endsWith('.mjs')) ?? line[0] ?? '',
            peak: of('VmHWM') / 1000,
            now: proportional(pid),
          },
        ];
      } catch {
        // The process has already ended.
        return [];
      }
    });

/**
 * Returns a process and the processes that it started.
 *
 * @param {number} pid
 * @returns {readonly Usage[]}
 */
const family = (pid) => {
  const processes = all();
  const members = processes.filter((one) => one.pid === pid);
  // The iteration includes elements that are added to the array during the loop.
  for (const member of members) members.push(...processes.filter(({ parent }) => parent === member.pid));
  return members;
};

/**
 * Watches a process and its children until `stop`, which returns the peak of each in MB, and the peak of their sum.
 *
 * @param {number} pid
 */
export const watchMemory = (pid) => {
  /** @type {Map<number, { name: string; peak: number }>} */
  const peaks = new Map();
  let sum = 0;
  const look = () => {
    const members = family(pid);
    // The size of a process that is ending is 0.
    for (const { pid: id, name, peak } of members) if (peak > 0) peaks.set(id, { name, peak });
    sum = Math.max(
      sum,
      members.reduce((total, { now }) => total + now, 0),
    );
  };
  look();
  const timer = setInterval(look, 100);
  return {
    stop: () => {
      clearInterval(timer);
      return { processes: [...peaks.values()], sum };
    },
  };
};

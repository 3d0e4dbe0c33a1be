// Reads and writes records of measurements as JSON lines, one for each job.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Returns the records in a file; an empty list if the file does not exist.
 *
 * @param {string} path
 * @returns {any[]}
 */
export const readLines = (path) =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    : [];

/**
 * Writes a record into a file. An existing record of this job is replaced.
 *
 * @param {string} path
 * @param {{ readonly job: string }} record
 * @param {readonly string[]} order Order of the jobs in the file; jobs that are not listed follow at the end.
 */
export const keepLine = (path, record, order) => {
  /** @param {{ readonly job: string }} record */
  const place = ({ job }) => (order.includes(job) ? order.indexOf(job) : order.length);
  const others = readLines(path).filter(({ job }) => job !== record.job);
  const all = [...others, record].sort((a, b) => place(a) - place(b) || (a.job < b.job ? -1 : 1));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, all.map((each) => `${JSON.stringify(each)}\n`).join(''));
};

// Records of measurements as JSON lines: a file holds the records of one data set, in the order of their names.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The records of a file. None if it does not exist.
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
 * Puts a record into a file, in place of one with the same name.
 *
 * @template R
 * @param {string} path
 * @param {R} record
 * @param {(record: R) => string} nameOf
 */
export const keepLine = (path, record, nameOf) => {
  const others = readLines(path).filter((other) => nameOf(other) !== nameOf(record));
  const all = [...others, record].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, all.map((each) => `${JSON.stringify(each)}\n`).join(''));
};

/**
 * All records of the files of a folder, by the names of the files.
 *
 * @param {string} folder
 */
export const allLines = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.jsonl'))
        .sort()
        .flatMap((file) => readLines(join(folder, file)))
    : [];

// Parts of pages that are written from records. The other parts are written by hand.
import { readFileSync } from 'node:fs';

/**
 * @template T
 * @param {readonly T[]} values
 */
export const unique = (values) => [...new Set(values)];

/**
 * Where and when records were measured: dates, machines and versions.
 *
 * @param {readonly any[]} records
 */
export const measuredOn = (records) => {
  const machines = unique(
    records.map(({ machine: { cores, cpu, memoryGiB } }) => `${cores} cores of ${cpu}, ${memoryGiB} GiB`),
  );
  const versions = unique(
    records.flatMap((record) => Object.entries(record.versions).map(([name, version]) => `${name} ${version}`)),
  );
  return `${unique(records.map(({ date }) => date))
    .sort()
    .join(', ')}; ${machines.sort().join('; ')}; ${versions.sort().join(', ')}`;
};

/**
 * How and where the numbers of a page were measured.
 *
 * @param {string} command After `npm run measure --`.
 * @param {readonly any[]} records
 */
export const measuredBy = (command, records) =>
  `Measured by \`npm run measure -- ${command}\` (with \`--markdown\`, it writes these numbers) on ${measuredOn(records)}.`;

/**
 * The text of a page with other texts between `<!-- measured: NAME -->` and `<!-- /measured -->`.
 *
 * @param {string} path From the root of the repository.
 * @param {Readonly<Record<string, string>>} texts By name.
 */
export const withMeasured = (path, texts) =>
  Object.entries(texts).reduce(
    (page, [name, text]) => {
      const pattern = new RegExp(`(<!-- measured: ${name} -->\\n)[^]*?(<!-- /measured -->)`);
      if (!pattern.test(page))
        throw new Error(`No place in ${path}: expected <!-- measured: ${name} --> and <!-- /measured -->.`);
      return page.replace(pattern, (_all, open, close) => `${open}\n${text}\n\n${close}`);
    },
    readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'),
  );

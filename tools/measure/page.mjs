// Parts of pages that are written from records. The other parts are written by hand.
import { readFileSync } from 'node:fs';

/**
 * @template T
 * @param {readonly T[]} values
 */
export const unique = (values) => [...new Set(values)];

/**
 * Where and when records were measured: dates, machines and versions. A record has one machine and one commit of
 * impflow; the text lists those of all records.
 *
 * @param {readonly any[]} records
 */
export const measuredOn = (records) => {
  const machines = unique(
    records.map(({ machine: { cores, cpu, memoryGiB } }) => `${cores} cores of ${cpu}, ${memoryGiB} GiB`),
  );
  const commits = unique(records.map(({ versions }) => versions.impflow)).sort();
  const versions = unique(
    records.flatMap((record) =>
      Object.entries(record.versions).map(([name, version]) =>
        name === 'impflow' && commits.length > 1 ? commitsText(commits) : `${name} ${version}`,
      ),
    ),
  );
  const dates = unique(records.map(({ date }) => date)).sort();
  const places = machines.sort().join('; ');
  const where = machines.length > 1 ? `one of ${machines.length} machines (${places})` : places;
  return `${dates.join(', ')}; ${where}; ${versions.sort().join(', ')}`;
};

/** @param {readonly string[]} commits A commit ends in `+` if the working tree differed from it. */
const commitsText = (commits) => {
  const changed = commits.some((commit) => commit.endsWith('+')) ? '; `+`: with uncommitted changes' : '';
  return `impflow at one of ${commits.length} commits (${commits.join(', ')}${changed})`;
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

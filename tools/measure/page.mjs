// Writes those parts of the documentation that show measurements. The numbers come from records. All other parts are
// written by hand.
import { readFileSync } from 'node:fs';

/**
 * @template T
 * @param {readonly T[]} values
 */
export const unique = (values) => [...new Set(values)];

/**
 * Returns the dates, machines and versions of measurements as text. A record has one machine and one commit of impflow;
 * the text lists the machines and commits of all records.
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
 * Returns a sentence about how and where the numbers of a page were measured.
 *
 * @param {string} command The arguments after `npm run measure --`.
 * @param {readonly any[]} records
 */
export const measuredBy = (command, records) =>
  `Measured by \`npm run measure -- ${command}\` (the option \`--markdown\` writes these numbers into the page) on ${measuredOn(records)}.`;

/**
 * Returns the text of a page in which new texts replace the parts between `<!-- measured: NAME -->` and
 * `<!-- /measured -->`.
 *
 * @param {string} path Path of the page from the root of the repository.
 * @param {Readonly<Record<string, string>>} texts New texts by the name of the part.
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

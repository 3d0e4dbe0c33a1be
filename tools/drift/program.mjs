// `npm run measure -- drift`: tests pairs of tables with known drifts, or without drift, by `model.drift` and by Python
// packages on the same tables. Takes some hours.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonFrom, jsonOf } from '../measure/child.mjs';
import { oneThread } from '../study/python.mjs';
import { driftFiles } from './page.mjs';
import { PEERS } from './python.mjs';
import { COLUMNS, DRIFTS, pairOf } from './tables.mjs';

/**
 * @typedef {object} DriftJob
 * @property {string} job
 * @property {string} who `ours`, or the name of a peer.
 * @property {string} drift
 * @property {number} size
 * @property {number} first Number of the first pair.
 * @property {number} pairs Number of pairs.
 * @property {number} rows Number of rows of each table.
 */

/** Number of pairs in a job without drift. */
const EACH = 40;

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'drift',
  about: 'False alarms and power of the tests of drift, beside alibi-detect, evidently and nannyml on the same tables.',
  options: {
    nulls: { value: 400, help: 'pairs without drift for our test' },
    'peer-nulls': { value: 40, help: 'pairs without drift for each peer' },
    pairs: { value: 20, help: 'pairs of each drift' },
    rows: { value: 1000, help: 'rows of each table' },
  },
  jobs: ({ nulls, 'peer-nulls': peerNulls, pairs, rows }) =>
    ['ours', ...Object.keys(PEERS)].flatMap((who) => [
      ...parts(who === 'ours' ? nulls : peerNulls).map((first) =>
        jobOf({ who, drift: 'none', size: 0, first, pairs: EACH, rows }),
      ),
      ...Object.entries(DRIFTS).flatMap(([drift, { sizes }]) =>
        drift === 'none' ? [] : sizes.map((size) => jobOf({ who, drift, size, first: 10_000, pairs, rows })),
      ),
    ]),
  missing: (_values, jobs) => {
    const lacking = Object.entries(PEERS).filter(
      ([name, { ready }]) => !ready() && jobs.some(({ who }) => who === name),
    );
    return lacking.length === 0
      ? undefined
      : `Not set up: ${lacking.map(([name]) => name).join(', ')}. Run: node tools/drift/setup.mjs`;
  },
  run: async (job, { say }) => {
    const { job: _job, ...fields } = job;
    if (job.who === 'ours')
      return { ...fields, ...(await jsonOf(new URL('ours.mjs', import.meta.url), [JSON.stringify(job)], { say })) };
    const folder = mkdtempSync(join(tmpdir(), 'impflow-drift-'));
    try {
      for (let i = 0; i < job.pairs; i++)
        for (const [part, rows] of Object.entries(pairOf(job.first + i, job.rows, job)))
          writeFileSync(join(folder, `${i}-${part}.csv`), csvOf(rows));
      const script = fileURLToPath(new URL('peers.py', import.meta.url));
      const args = [script, job.who, folder, String(job.pairs)];
      return {
        ...fields,
        ...(await jsonFrom(PEERS[job.who].command, args, {
          env: { ...oneThread(), NML_DISABLE_USAGE_LOGGING: '1' },
          say,
        })),
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  pages: driftFiles,
};

/** @param {number} count */
const parts = (count) => Array.from({ length: Math.ceil(count / EACH) }, (_, i) => i * EACH);

/** @param {Omit<DriftJob, 'job'>} job @returns {DriftJob} */
const jobOf = (job) => ({ job: `${job.who} ${job.drift} ${job.size} from ${job.first}`, ...job });

/** @param {readonly Readonly<Record<string, unknown>>[]} rows */
const csvOf = (rows) =>
  `${[COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((name) => row[name] ?? '').join(','))].join('\n')}\n`;

// The measurements: one JSON file for each data set, contender and seed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECORDS, write } from './places.mjs';

const recordFile = ({ data, contender, seed }, folder) => join(folder, data, `${contender}-${seed}.json`);

/** `data/contender`, in which `--only` searches. */
export const titleOf = ({ data, contender }) => `${data}/${contender}`;

/** Whether a record exists; it is then not measured again. */
export const hasRecord = (job, folder = RECORDS) => existsSync(recordFile(job, folder));

/** Writes a record. JSON has no infinity, so infinite nats become `null`. */
export const keepRecord = (record, folder = RECORDS) =>
  write(recordFile(record, folder), `${JSON.stringify(record, null, 1)}\n`);

const read = (path) => {
  const record = JSON.parse(readFileSync(path, 'utf8'));
  return record.heldOut?.nats === null
    ? { ...record, heldOut: { ...record.heldOut, nats: Infinity, standardError: Infinity } }
    : record;
};

/**
 * All records, by data, contender and seed. @throws if two records of the same data and seed have different rows: their
 * nats cannot be compared.
 */
export const allRecords = (folder = RECORDS) => {
  const data = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
    : [];
  const records = data.flatMap((name) =>
    readdirSync(join(folder, name))
      .filter((file) => /-\d+\.json$/.test(file))
      .sort()
      .map((file) => read(join(folder, name, file))),
  );
  const splits = new Map();
  for (const record of records) {
    const rows = `${record.data}, seed ${record.seed}`;
    const first = splits.get(rows) ?? record;
    splits.set(rows, first);
    if (first.split !== record.split)
      throw new Error(
        `[study] Records of ${rows} are of different rows: expected one split, got those of ${first.contender} and ${record.contender}. Measure one of them again with --again.`,
      );
  }
  return records;
};

/**
 * Returns the measurements to make, seed by seed: `{ data, contender, seed }`. `sources` and `contenders` are by name.
 * `only` holds words, one of which `data/contender` must contain. `again` includes measurements with a record. A
 * contender is measured only on sources of its `kinds` that it `fits`.
 */
export const jobsOf = ({ sources, contenders, seeds, only = [], again = false, folder = RECORDS }) =>
  seeds
    .flatMap((seed) =>
      Object.entries(sources).flatMap(([data, source]) =>
        Object.entries(contenders)
          .filter(([, { kinds, fits }]) => kinds.includes(source.kind) && (fits?.(source) ?? true))
          .map(([contender]) => ({ data, contender, seed })),
      ),
    )
    .filter((job) => only.length === 0 || only.some((word) => titleOf(job).includes(word)))
    .filter((job) => again || !hasRecord(job, folder));

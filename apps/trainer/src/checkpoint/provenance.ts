import { arch, cpus, platform } from 'node:os';
import type { RunData } from '../dataset/run-data.ts';
import type { PartHashes } from '../dataset/split-table.ts';
import { VERSION, versionOf } from '../version.ts';

/** Origin of a model: its data, versions and machine. */
export interface Provenance {
  readonly source: string;
  readonly hash?: string;
  /** SHA-256 of the files of `--validation` and `--test`. */
  readonly partHashes?: PartHashes;
  readonly rows: { readonly train?: number; readonly validation: number; readonly test: number };
  readonly created: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: string;
}

/** Provenance of a run that starts now. */
export const provenance = (data: RunData): Provenance => ({
  source: data.source,
  ...(data.hash === undefined ? {} : { hash: data.hash }),
  ...(data.kind === 'images' || data.partHashes === undefined ? {} : { partHashes: data.partHashes }),
  rows: rowsOf(data),
  created: new Date().toISOString(),
  versions: { impflow: VERSION, node: process.versions.node, tfjs: versionOf('@tensorflow/tfjs-core') },
  machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${platform()} ${arch()}`,
});

const rowsOf = (data: RunData): Provenance['rows'] => {
  switch (data.kind) {
    case 'images':
      return { train: data.train.count, validation: data.validation.count, test: data.test.count };
    case 'records':
      return {
        train: data.train.values.rows + data.open.values.rows,
        validation: data.validation.values.rows,
        test: data.test.values.rows,
      };
    case 'table':
      return {
        ...(data.draw === undefined ? { train: data.train.rows } : {}),
        validation: data.validation.rows,
        test: data.test.rows,
      };
  }
};

import { arch, cpus, platform } from 'node:os';
import type { Provenance } from 'impflow/run';
import { VERSION, versionOf } from '../version.ts';

/** Versions and machine of a training that starts now. */
export const provenance = (): Pick<Provenance, 'versions' | 'machine'> => ({
  versions: { impflow: VERSION, node: process.versions.node, tfjs: versionOf('@tensorflow/tfjs-core') },
  machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${platform()} ${arch()}`,
});

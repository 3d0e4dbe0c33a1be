import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, homedir, platform } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { writeAtomically } from '@impflow/core';
import { makeAll } from '@impflow/jobs';
import { CONSTANT_KINDS } from '@impflow/tables';
import { isClassifierSpec, isRecordsSpec, type ModelSpec } from 'impflow/run';
import { backends } from '../adapters/backends.ts';
import type { AllRegistries } from '../plugins/registries.ts';
import { VERSION } from '../version.ts';

/** The fastest backend for a model, with its measured speed. */
interface FastestBackend {
  /** Name of the fastest backend. */
  readonly backend: string;
  /** Milliseconds per step. */
  readonly ms: number;
  /** Number of rows or images in a step. */
  readonly batch: number;
}

/** Maximum number of models whose fastest backend is stored. If there are more models, the oldest entry is dropped. */
const MOST = 200;

/**
 * Returns the fastest backend of an earlier measurement: for a model with the shape of `spec`, on this machine, with
 * this version of Node and of the program. Returns undefined if there is no measurement, if the file cannot be read, or
 * if the backend is not registered in `known`.
 */
export const fastestKnown = async (
  spec: ModelSpec,
  known: Pick<AllRegistries['backend'], 'has'> = backends,
): Promise<string | undefined> => {
  const backend = (await read())[keyOf(spec)]?.backend;
  return backend !== undefined && known.has(backend) ? backend : undefined;
};

/** Stores the fastest backend of a model. Does nothing if the file cannot be written. */
export const storeFastest = async (spec: ModelSpec, found: FastestBackend): Promise<void> => {
  const key = keyOf(spec);
  const others = Object.entries(await read())
    .filter(([other]) => other !== key)
    .slice(1 - MOST);
  const file = cacheFile();
  await makeAll(dirname(file))
    .then(() =>
      writeAtomically(
        file,
        new TextEncoder().encode(`${JSON.stringify(Object.fromEntries([...others, [key, found]]), null, 2)}\n`),
      ),
    )
    .catch(() => undefined);
};

/** Returns the entries by key, oldest first, or no entries if the file is missing or invalid. */
const read = async (): Promise<Readonly<Record<string, Partial<FastestBackend> | undefined>>> => {
  try {
    const entries = JSON.parse(await readFile(cacheFile(), 'utf8')) as Readonly<
      Record<string, Partial<FastestBackend>>
    >;
    return Object.fromEntries(Object.entries(entries).filter(([, entry]) => typeof entry?.backend === 'string'));
  } catch {
    return {};
  }
};

const cacheFile = (): string => join(cacheFolder(), 'impflow', 'backends.json');

/** Ignores a relative path in `XDG_CACHE_HOME`, as the XDG Base Directory Specification requires. */
const cacheFolder = (): string => {
  if (platform() === 'win32') return process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  return isAbsolute(given) ? given : join(homedir(), '.cache');
};

/**
 * Returns the key of an entry: the machine, the versions and the shape of the model. The batch size is not part of the
 * key.
 */
const keyOf = (spec: ModelSpec): string =>
  [
    `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    `${platform()} ${arch()}`,
    `node ${process.versions.node}`,
    `impflow ${VERSION}`,
    `model ${shapeOf(spec)}`,
  ].join(', ');

/**
 * Kinds of blocks whose constants come from the data. `permutation` is left out, because its order comes from the
 * preset.
 */
const FITTED_TO_DATA: readonly string[] = [...CONSTANT_KINDS.filter((kind) => kind !== 'permutation'), 'regression'];

/** Returns a hash of a spec without the constants that come from the data. */
const shapeOf = (spec: ModelSpec): string => {
  const flow = isRecordsSpec(spec) ? spec.flow : spec;
  const shape = isClassifierSpec(flow)
    ? flow
    : {
        ...flow,
        blocks: flow.blocks.map((block) => (FITTED_TO_DATA.includes(block.kind) ? { kind: block.kind } : block)),
      };
  return createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
};

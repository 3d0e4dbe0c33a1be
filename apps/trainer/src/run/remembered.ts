import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, homedir, platform } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { writeAtomically } from '@impflow/core';
import { makeAll } from './folder.ts';
import { backends } from './backends.ts';
import { isClassifierSpec, type ModelSpec } from './model.ts';
import { VERSION } from './provenance.ts';

/** What a measurement found. */
export interface Remembered {
  readonly backend: string;
  /** Of a step. */
  readonly ms: number;
  readonly batch: number;
}

/** So many models are remembered; then the oldest go. */
const MOST = 200;

/** The backend that was fastest for such a model on this machine, with this Node and this version; `undefined` where none was measured, or the file is no use. */
export const remembered = async (spec: ModelSpec): Promise<string | undefined> => {
  const backend = (await read())[keyOf(spec)]?.backend;
  return backend !== undefined && backends.has(backend) ? backend : undefined;
};

/** Remembers it. A convenience: where the file cannot be written, nothing happens. */
export const remember = async (spec: ModelSpec, found: Remembered): Promise<void> => {
  const key = keyOf(spec);
  const others = Object.entries(await read()).filter(([other]) => other !== key).slice(1 - MOST);
  const file = cacheFile();
  await makeAll(dirname(file)).then(() => writeAtomically(file, new TextEncoder().encode(`${JSON.stringify(Object.fromEntries([...others, [key, found]]), null, 2)}\n`))).catch(() => undefined);
};

/** Entries by key, oldest first. A file that is not there or broken has none. */
const read = async (): Promise<Readonly<Record<string, Partial<Remembered> | undefined>>> => {
  try {
    const entries = JSON.parse(await readFile(cacheFile(), 'utf8')) as Readonly<Record<string, Partial<Remembered>>>;
    return Object.fromEntries(Object.entries(entries).filter(([, entry]) => typeof entry?.backend === 'string'));
  } catch {
    return {};
  }
};

const cacheFile = (): string => join(cacheFolder(), 'impflow', 'backends.json');

/** @see XDG Base Directory Specification: a path that is not absolute is to be ignored. */
const cacheFolder = (): string => {
  if (platform() === 'win32') return process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  return isAbsolute(given) ? given : join(homedir(), '.cache');
};

/** The machine, the versions, and the shape of the model: what the speed depends on, but for the rows. */
const keyOf = (spec: ModelSpec): string =>
  [`${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}`, `${platform()} ${arch()}`, `node ${process.versions.node}`, `impflow ${VERSION}`, `model ${shapeOf(spec)}`].join(', ');

/** A digest of a spec without the constants of its data. */
const shapeOf = (spec: ModelSpec): string => {
  const shape = isClassifierSpec(spec) ? spec : { ...spec, blocks: spec.blocks.map((block) => (block.kind === 'standardise' ? { kind: block.kind } : block)) };
  return createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16);
};

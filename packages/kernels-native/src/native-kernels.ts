import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openKernels, type InstructionSet, type NativeKernels, type Refusal } from './open-kernels.ts';

/** Folder of the libraries, one for each platform. */
const LIBRARIES = new URL('../libraries/', import.meta.url);

/**
 * Content of the file `libraries.json`: for each platform, such as `linux-x64` or `linux-x64-musl`, the name of the
 * library file and its SHA-256.
 */
type Manifest = Readonly<Record<string, { readonly file: string; readonly sha256: string }>>;

/**
 * Loads the native kernels of this platform, or returns why they cannot be used: there is no library for this platform,
 * the library file differs from the file that was built, or this processor does not run the kernels. `set` is the set
 * of instructions; default: the fastest set that this processor runs. Takes some milliseconds, and never throws.
 */
export const nativeKernels = (set?: InstructionSet): Promise<NativeKernels | Refusal> => kernelsIn(LIBRARIES, set);

/** Loads the native kernels from a folder of libraries: see {@link nativeKernels}. */
export const kernelsIn = async (folder: URL, set?: InstructionSet): Promise<NativeKernels | Refusal> => {
  const platform = platformOf();
  const manifest = await manifestOf(folder);
  if (typeof manifest === 'string') return { refused: `The list of libraries is damaged: ${manifest}` };
  const entry = manifest[platform];
  if (entry === undefined) {
    const built = Object.keys(manifest).join(', ');
    return { refused: `There is no library for ${platform}: ${built === '' ? 'none was built' : `only for ${built}`}` };
  }
  const path = fileURLToPath(new URL(entry.file, folder));
  const bytes = await readFile(path).catch((cause: unknown) => String(cause));
  if (typeof bytes === 'string') return { refused: `The library ${entry.file} cannot be read: ${bytes}` };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== entry.sha256) {
    return {
      refused: `The library ${entry.file} is damaged: expected SHA-256 ${entry.sha256.slice(0, 12)}…, got ${sha256.slice(0, 12)}… of ${bytes.length} bytes`,
    };
  }
  return openKernels(path, set);
};

/** Reads the list of libraries, `libraries.json`. Returns an error message if the file is damaged. */
const manifestOf = async (folder: URL): Promise<Manifest | string> => {
  const text = await readFile(new URL('libraries.json', folder), 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text) as Manifest;
  } catch (cause) {
    return String(cause);
  }
};

/** Returns the name of this platform. Linux systems without glibc, such as Alpine, have separate libraries. */
export const platformOf = (): string => {
  const system = `${process.platform}-${process.arch}`;
  return process.platform === 'linux' && !hasGlibc() ? `${system}-musl` : system;
};

const hasGlibc = (): boolean => {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const { excludeNetwork } = report;
  // Without this setting, the report makes a DNS query for every open connection.
  report.excludeNetwork = true;
  try {
    const { header } = report.getReport() as unknown as { readonly header: { readonly glibcVersionRuntime?: string } };
    return header.glibcVersionRuntime !== undefined;
  } finally {
    if (excludeNetwork !== undefined) report.excludeNetwork = excludeNetwork;
  }
};

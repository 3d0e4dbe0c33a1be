import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FlowError } from '@impflow/core';
import { assertUnlocked, assertWritable, LOCK, unwritable } from '@impflow/jobs';

/** Paths of the files of a run. */
export interface RunPaths {
  readonly folder: string;
  readonly checkpoint: string;
  readonly config: string;
  readonly metrics: string;
  readonly density: string;
  readonly curves: string;
  readonly samples: string;
  /** The page of the command `report`. Only for a table. */
  readonly report: string;
  /** Picture of samples. Only for a density of images. */
  readonly sampleGrid: string;
  /** Picture of interpolations. Only for a density of images. */
  readonly interpolations: string;
  /** Picture of reconstructions. Only for a density of images. */
  readonly reconstructions: string;
  /** Picture of misclassified images. Only for a classifier. */
  readonly misclassified: string;
}

const CHECKPOINT = 'checkpoint.safetensors';

/** Paths of the files in a run folder. */
export const runPaths = (folder: string): RunPaths => ({
  folder,
  checkpoint: join(folder, CHECKPOINT),
  config: join(folder, 'config.json'),
  metrics: join(folder, 'metrics.jsonl'),
  density: join(folder, 'density.png'),
  curves: join(folder, 'curves.png'),
  samples: join(folder, 'samples.csv'),
  report: join(folder, 'report.html'),
  sampleGrid: join(folder, 'samples.png'),
  interpolations: join(folder, 'interpolations.png'),
  reconstructions: join(folder, 'reconstructions.png'),
  misclassified: join(folder, 'misclassified.png'),
});

/**
 * Returns the paths of a run, from its folder or its checkpoint. A checkpoint file with a name other than
 * `checkpoint.safetensors` belongs to no run folder. `folder` is then the path of the file itself, so that files of
 * another run in its folder are not read or written.
 *
 * @throws `input` if there is no run.
 */
export const findRun = async (run: string): Promise<RunPaths> => {
  const info = await stat(run).catch(() => undefined);
  if (info === undefined)
    throw new FlowError('input', 'cli', `No run at ${run}`, {
      expected: 'a run folder or a checkpoint',
      got: 'nothing at that path',
      hint: 'Check the path.',
    });
  if (!info.isDirectory()) return { ...runPaths(basename(run) === CHECKPOINT ? dirname(run) : run), checkpoint: run };
  const paths = runPaths(run);
  if ((await stat(paths.checkpoint).catch(() => undefined)) === undefined) {
    throw new FlowError('input', 'cli', `No run in ${run}`, {
      expected: `a folder with ${CHECKPOINT}`,
      got: 'none in it',
      hint: 'Give the --out folder of a training.',
    });
  }
  return paths;
};

/**
 * Returns the paths as {@link findRun} does, for commands that write into the run folder.
 *
 * @throws `input` for a checkpoint without a run folder.
 */
export const findRunFolder = async (run: string): Promise<RunPaths> => {
  const paths = await findRun(run);
  if (paths.folder !== paths.checkpoint) return paths;
  throw new FlowError('input', 'cli', `${run} has no run folder to write into`, {
    expected: 'a run folder',
    got: 'a file',
    hint: `Copy the file as ${CHECKPOINT} into a new folder, and give that folder.`,
  });
};

/** Options that determine the folder of a new run. */
export interface Destination {
  /** Run folder. Default: the next free `runs/<name>-<n>`. */
  readonly out?: string;
  /** Name of the data. */
  readonly name: string;
  /** Replace an existing run. Default false. */
  readonly force?: boolean;
}

/**
 * Returns the paths of a new run. Creates no folder and no file.
 *
 * @throws `input` for a folder that another process writes to, that holds a run (unless `force`) or other files, or
 * that cannot be written to.
 */
export const findNewFolder = async ({ out, name, force = false }: Destination): Promise<RunPaths> => {
  const folder = out ?? (await nextFree(name));
  // Without `--out`, a free folder was chosen. If another run creates this folder in the meantime, `claimNew` uses the
  // next name.
  const info = out === undefined ? undefined : await stat(folder).catch(() => undefined);
  if (info !== undefined && !info.isDirectory()) {
    throw new FlowError('input', 'cli', `Cannot use ${folder} as a run folder`, {
      expected: 'a folder',
      got: 'a file',
      hint: 'Choose another --out.',
    });
  }
  if (info !== undefined) {
    await assertUnlocked(folder);
    await assertFree(folder, force);
  }
  await assertWritable(resolve(folder));
  return runPaths(folder);
};

/** @throws `input` if the folder holds a run (unless `force`) or other files. */
export const assertFree = async (folder: string, force: boolean): Promise<void> => {
  // Temporary files of killed processes do not count as other files.
  const entries = (
    await readdir(folder).catch((cause: unknown) => {
      throw unwritable(folder, cause);
    })
  ).filter((entry) => !entry.endsWith('.tmp') && entry !== LOCK);
  const occupied = entries.includes(CHECKPOINT);
  if (occupied && !force) {
    throw new FlowError('input', 'cli', `${folder} already contains a run`, {
      hint: 'Continue this run with --resume, replace it with --force, or choose another --out.',
    });
  }
  if (!occupied && entries.length > 0) {
    throw new FlowError('input', 'cli', `${folder} holds other files`, {
      expected: 'a new or empty folder',
      got: entries.slice(0, 3).join(', '),
      hint: 'Choose another --out.',
    });
  }
};

const nextFree = async (name: string): Promise<string> => {
  for (let n = 1; ; n++) {
    const folder = join('runs', `${name}-${n}`);
    if ((await stat(folder).catch(() => undefined)) === undefined) return folder;
  }
};

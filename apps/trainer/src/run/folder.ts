import { constants } from 'node:fs';
import { access, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FlowError } from '@impflow/core';

/** The files of a run. */
export interface RunPaths {
  readonly folder: string;
  readonly checkpoint: string;
  readonly config: string;
  readonly metrics: string;
  readonly density: string;
  readonly curves: string;
  readonly samples: string;
}

export const runPaths = (folder: string): RunPaths => ({
  folder,
  checkpoint: join(folder, 'checkpoint.safetensors'),
  config: join(folder, 'config.json'),
  metrics: join(folder, 'metrics.jsonl'),
  density: join(folder, 'density.png'),
  curves: join(folder, 'curves.png'),
  samples: join(folder, 'samples.csv'),
});

/** The paths of a run named by its folder or its checkpoint. @throws `input` where there is none. */
export const findRun = async (run: string): Promise<RunPaths> => {
  const info = await stat(run).catch(() => undefined);
  if (info === undefined) throw new FlowError('input', 'cli', `No run at ${run}`, { expected: 'a run folder or a checkpoint', got: 'nothing at that path', hint: 'Check the path.' });
  if (!info.isDirectory()) return { ...runPaths(dirname(run)), checkpoint: run };
  const paths = runPaths(run);
  if (await stat(paths.checkpoint).catch(() => undefined) === undefined) {
    throw new FlowError('input', 'cli', `No run in ${run}`, { expected: 'a folder with checkpoint.safetensors', got: 'none in it', hint: 'Name the --out folder of a training run.' });
  }
  return paths;
};

/**
 * Makes the folder of a new run. Without `out`: the next free `runs/<name>-<n>`.
 *
 * @throws `input` for a folder that holds a run already (unless `force` or `resume`), holds other files, or cannot be written.
 */
export const makeRun = async ({ out, name, force, resume }: { readonly out?: string; readonly name: string; readonly force: boolean; readonly resume: boolean }): Promise<RunPaths> => {
  const folder = out ?? await nextFree(name);
  const info = await stat(folder).catch(() => undefined);
  if (info !== undefined && !info.isDirectory()) {
    throw new FlowError('input', 'cli', `Cannot use ${folder} as a run folder`, { expected: 'a folder', got: 'a file', hint: 'Choose another --out.' });
  }
  const paths = runPaths(folder);
  const entries = info === undefined ? [] : await readdir(folder);
  const occupied = entries.includes('checkpoint.safetensors') || entries.includes('config.json');
  if (occupied && !force && !resume) {
    throw new FlowError('input', 'cli', `${folder} holds a run already`, { hint: 'Continue it with --resume, replace it with --force, or choose another --out.' });
  }
  if (!occupied && entries.length > 0 && !resume) {
    throw new FlowError('input', 'cli', `${folder} holds other files`, { expected: 'a new or empty folder', got: entries.slice(0, 3).join(', '), hint: 'Choose another --out.' });
  }
  if (resume && !entries.includes('checkpoint.safetensors')) {
    throw new FlowError('input', 'cli', `Nothing to resume in ${folder}`, { expected: 'a folder with checkpoint.safetensors', got: info === undefined ? 'no folder' : 'none in it', hint: 'Leave --resume out to start a new run.' });
  }
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new FlowError('input', 'cli', `Cannot write to ${resolve(folder)} (${(cause as NodeJS.ErrnoException).code})`, { cause, hint: 'Choose another --out, or allow writing.' });
  }
  return paths;
};

const nextFree = async (name: string): Promise<string> => {
  for (let n = 1; ; n++) {
    const folder = join('runs', `${name}-${n}`);
    if (await stat(folder).catch(() => undefined) === undefined) return folder;
  }
};

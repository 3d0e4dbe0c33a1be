import type { ComputingOptions } from '../backends/backends.ts';
import type { PartsOptions } from '../kinds/run-commands.ts';
import { note } from '../terminal/output.ts';
import type { Manifest } from './job-folder.ts';
import { partsRunner } from './parts-runner.ts';
import type { PartsTarget } from './parts-target.ts';
import { runParts, type PartsJob } from './run-parts.ts';
import type { PartTask, ResultOf } from './task.ts';

/** End of a job, or of the share of this process: the manifest if all parts are there, or the exit code. */
export type PartsEnd<T extends PartTask> =
  | { readonly manifest: Manifest<ResultOf<T>> }
  | { readonly manifest?: undefined; readonly exitCode: number };

/** Computes the parts of a job. */
export const partsInto = async <T extends PartTask>(
  { folder, isTemporary }: PartsTarget,
  options: ComputingOptions & PartsOptions & { readonly force?: boolean },
  { signal, ...job }: Omit<PartsJob<T>, 'folder'> & { readonly signal: AbortSignal },
): Promise<PartsEnd<T>> => {
  const runner = await partsRunner(options, job.tasks.length);
  try {
    const manifest = await runParts<T>(
      { folder, ...job },
      {
        ...options,
        // Nobody keeps the parts of a file that is not whole.
        replace: options.force === true || isTemporary,
        runner,
        signal,
      },
    );
    if (manifest !== undefined) return { manifest };
    const { index, of } = options.share!;
    note(options, `Share ${index + 1} of ${of} is done. The manifest comes with the last share.`);
    return { exitCode: 0 };
  } catch (error) {
    if (!signal.aborted) throw error;
    note(options, 'Interrupted. What is done is kept: the same command goes on from there.');
    return { exitCode: 130 };
  } finally {
    await runner.close();
  }
};

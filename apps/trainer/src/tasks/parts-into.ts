import type { ComputingOptions } from '../backends/backends.ts';
import type { PartsOptions } from '../kinds/run-commands.ts';
import { note } from '../terminal/output.ts';
import type { Manifest } from './job-folder.ts';
import { partsRunner } from './parts-runner.ts';
import type { PartsTarget } from './parts-target.ts';
import { runParts, type PartsJob } from './run-parts.ts';
import type { PartTask, ResultOf } from './task.ts';

/** Computes the parts of a job. Returns their manifest, or undefined after an interruption. */
export const partsInto = async <T extends PartTask>(
  { folder, isTemporary }: PartsTarget,
  options: ComputingOptions & PartsOptions & { readonly force?: boolean },
  { signal, ...job }: Omit<PartsJob<T>, 'folder'> & { readonly signal: AbortSignal },
): Promise<Manifest<ResultOf<T>> | undefined> => {
  const runner = await partsRunner(options, job.tasks.length);
  try {
    return await runParts<T>(
      { folder, ...job },
      {
        ...options,
        // Nobody keeps the parts of a file that is not whole.
        replace: options.force === true || isTemporary,
        runner,
        signal,
      },
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    note(options, 'Interrupted. What is done is kept: the same command goes on from there.');
    return undefined;
  } finally {
    await runner.close();
  }
};

import { FlowError } from '@impflow/core';
import { isRecord } from '../json/schema.ts';
import { runProgram } from '../tasks/own-program.ts';
import type { TrialTest } from './results-log.ts';

/** Options of {@link finishTrial}. */
export interface FinishOptions {
  readonly signal: AbortSignal;
  readonly plugin: readonly string[];
}

/**
 * Ends the run of a trial as `train` would: evaluates it on the test data, and writes its pictures. Returns the figures
 * on the test data.
 *
 * @throws the error of `train`; the reason of the signal.
 */
export const finishTrial = async (folder: string, { signal, plugin }: FinishOptions): Promise<TrialTest['test']> => {
  const { code, stdout, error } = await runProgram(
    ['train', '--resume', `--out=${folder}`, ...plugin.map((module) => `--plugin=${module}`), '--json', '--quiet'],
    { signal },
  );
  if (code === 0) {
    const { heldOut } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { readonly heldOut?: unknown };
    if (isRecord(heldOut)) return heldOut;
  }
  throw (
    error ??
    new FlowError('worker', 'cli', `The process that evaluates ${folder} ended`, {
      expected: 'figures on the test data',
      got: code === null ? 'a signal' : `exit code ${code}`,
      hint: 'Run the same command again.',
    })
  );
};

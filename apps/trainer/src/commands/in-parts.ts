import { FlowError } from '@impflow/core';
import { isFolder, type PartsEvent, type PartTask, type TableJobOptions } from '@impflow/jobs';
import { number } from 'impflow/run';
import type { ComputingOptions } from '../adapters/backends.ts';
import type { Answer, PartsFlags } from '../kinds/answer.ts';
import { countingDisplay, type Counting } from '../terminal/counting.ts';
import { note, printResult, type OutputOptions } from '../terminal/output.ts';
import { runnerFor } from './runner-for.ts';

/**
 * Runs a command that computes rows in parts, shows the progress, and prints the result. Returns the exit code.
 *
 * @param done Word for the finished work, such as `Scored`.
 * @param compute Returns undefined if other processes of the job have not computed their parts yet.
 */
export const inParts = async (
  done: string,
  options: ComputingOptions & PartsFlags & { readonly out?: string },
  signal: AbortSignal,
  compute: (how: Pick<TableJobOptions, 'runner' | 'signal' | 'onEvent'>) => Promise<Answer | undefined>,
): Promise<number> => {
  const { queue, out, share } = options;
  if (queue !== undefined && (out === undefined || !(await isFolder(out))))
    throw new FlowError('option', 'cli', '--queue needs a folder for its parts', {
      expected: '--out with a folder that all workers can write to',
      got: out ?? 'none',
      hint: 'For example: --out scores/',
    });
  const runner = await runnerFor<PartTask>(options);
  const display = partsDisplay(done, options);
  try {
    const answer = await compute({ runner, signal, onEvent: display.onEvent });
    display.stop();
    if (answer !== undefined) printResult(options, answer.json, answer.text);
    else
      note(
        options,
        `Share ${share!.index + 1} of ${share!.of} is done. The manifest is written when all shares are done.`,
      );
    return 0;
  } catch (error) {
    display.stop();
    if (!signal.aborted) throw error;
    note(options, 'Interrupted. Finished parts are kept: run the same command again to compute the other parts.');
    return 130;
  } finally {
    await runner.close();
  }
};

/** Shows the number of finished rows, and prints remarks. */
const partsDisplay = (
  done: string,
  options: OutputOptions,
): { readonly onEvent: (event: PartsEvent) => void; readonly stop: () => void } => {
  let counting: Counting | undefined;
  let rows = 0;
  const stop = (): void => counting?.stop();
  const onEvent = (event: PartsEvent): void => {
    switch (event.kind) {
      case 'start':
        if (event.partsDone > 0)
          note(
            options,
            `${number(event.partsDone)} of ${number(event.parts)} parts already exist, from an earlier call.`,
          );
        rows = event.rowsDone;
        counting = countingDisplay({
          done,
          total: event.rows,
          rowsDone: () => rows - event.rowsDone,
          quiet: options.quiet ?? false,
        });
        return;
      case 'rows':
        rows = event.rowsDone;
        return counting!.update(rows);
      case 'remark':
        stop();
        note(options, event.text);
    }
  };
  return { onEvent, stop };
};

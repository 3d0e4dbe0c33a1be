import { FlowError, isFlowError, problemOf } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import type { Frame } from '@impflow/tables';
import type { FitEvent } from 'impflow';
import { fitTable } from 'impflow/run';
import type { LearnChoice, LearnProgress } from '../../protocol/table.ts';
import { openedModel, type OpenedModel } from './opened.ts';

/** Smallest interval between two reports of the progress, in milliseconds. */
const REPORT_MS = 100;

/**
 * Learns a table, with the defaults of `impflow train`. With equal steps, seed and columns, and with one worker, the
 * command computes the same model to the bit.
 *
 * @throws `input` for a table that cannot be learned, with a hint for visitors of the page.
 */
export const learnTable = async (
  frame: Frame,
  { columns, seconds, steps, seed }: LearnChoice,
  tell: (progress: LearnProgress) => void,
): Promise<OpenedModel> => {
  try {
    const end = await fitTable(frame, {
      columns,
      missing: 'impute',
      seed,
      workers: 1,
      ...(steps > 0 ? { steps } : { seconds }),
      registries: builtInRegistries,
      onEvent: reporter(tell),
    });
    if (end.stopped === 'aborted') throw new Error('A training without a signal was aborted.');
    return openedModel(end.model, end.opened, end.checkpoint);
  } catch (cause) {
    if (!isFlowError(cause)) throw cause;
    throw new FlowError(cause.code, 'demo/learn', problemOf(cause), { hint: forVisitors(cause.hint), cause });
  }
};

/** Returns a hint in the words of the page, which has check boxes instead of options. */
const forVisitors = (hint = 'Choose other columns.'): string =>
  hint
    .replace(/Leave (it|them|the column) out with the option leaveOut: ?([^.]+)\.?$/, 'Untick $2, and learn again.')
    .replace(/with the option columns/, 'by unticking others');

/** Returns a listener of training events that reports the progress in words. */
const reporter = (tell: (progress: LearnProgress) => void): ((event: FitEvent) => void) => {
  let [last, share] = [-Infinity, 0];
  return (event) => {
    const now = performance.now();
    if (event.kind === 'step') {
      share = event.progress;
      const { step, steps, loss } = event;
      if (now - last < REPORT_MS && step < steps) return;
      last = now;
      tell({ share, text: `Step ${step} of about ${steps}: loss ${loss.toFixed(2)} nats per row` });
    } else if (event.kind === 'choice') {
      last = now;
      tell({ share, text: event.text });
    }
  };
};

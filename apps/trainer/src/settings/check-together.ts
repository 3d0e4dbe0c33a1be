import { FlowError, shown } from '@impflow/core';
import { checkImagesTogether, type PlainImageChoices } from '@impflow/vision';
import { checkTogether as checkChoices } from 'impflow/run';
import type { TrainOptions } from './settings.ts';

/**
 * @throws `option` for options that contradict each other. Call this function before files are read or the backend is
 * started.
 */
export const checkTogether = (given: TrainOptions): void => {
  const { data, steps, seconds, until, resume = false, force = false, out, kernels } = given;
  const { preset: _preset, ...choices } = given;
  checkChoices(choices);
  if (resume && force) throw wrong('--resume and --force contradict each other', { hint: 'Give one of them.' });
  if (resume && out === undefined)
    throw wrong('--resume needs --out', { hint: 'Give the folder of the run with --out.' });
  if (!resume && data === undefined)
    throw wrong('No data to train on', {
      expected: '--data with a file or a bundled name',
      got: 'none',
      hint: 'See: impflow data list.',
    });
  if (steps !== undefined || seconds !== undefined) checkUntil(until, steps);
  if (kernels !== undefined) checkImagesTogether(given as PlainImageChoices);
};

/**
 * `steps` is the number of steps of the run; undefined for a timed run.
 *
 * @throws `option` for a pause after the end of the run, or in a timed run.
 */
export const checkUntil = (until: number | undefined, steps: number | undefined): void => {
  if (until === undefined) return;
  if (steps === undefined)
    throw wrong('--until does not work with a timed run', {
      expected: '--until with --steps or --epochs',
      got: '--until without --steps or --epochs',
      hint: 'Give --steps.',
    });
  if (until > steps)
    throw wrong('The run ends before --until', {
      expected: `--until of at most ${steps}`,
      got: shown(until),
      hint: 'Lower --until, or raise --steps.',
    });
};

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'cli', what, detail);

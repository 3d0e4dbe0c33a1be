import { FlowError, shown } from '@impflow/core';
import type { Checkpoint } from '@impflow/training';
import type { TableContents } from '../checkpoint/contents.ts';
import { OPTIONS, type PlainChoices } from '../options/options.ts';
import {
  completeSettings,
  FITTED,
  resumableChoices,
  resumedSteps,
  type Settings,
  type TableSize,
} from '../options/settings.ts';
import { rowCount } from '../table/part.ts';
import type { TableParts } from '../table/split.ts';
import type { FitTableOptions } from './options.ts';

/** Returns the properties of a table on which default options depend. */
const sizeOf = ({ source, complete, withGaps, fitted, sampler }: TableParts): TableSize => ({
  source,
  rows: sampler === undefined ? rowCount(complete) + rowCount(withGaps) : Infinity,
  dim: fitted.maps.length,
  hasContext: fitted.columns.some((column) => column.kind === 'category' || column.given === true),
  seesNumbers: fitted.columns.some(({ kind, given }) => kind === 'number' && given === true),
});

/**
 * Returns the options of a new or a resumed training, including all defaults.
 *
 * @throws `option` for options that do not fit the table or the resumed training; `checkpoint` if the batch of the
 * resumed training is larger than the table.
 */
export const settingsFor = (
  choices: PlainChoices,
  parts: TableParts,
  given: FitTableOptions,
): Omit<Settings, 'workers'> =>
  given.resume === undefined
    ? completeSettings(choices, sizeOf(parts))
    : resumedSettings(given, given.resume, sizeOf(parts));

/**
 * Returns the options of a resumed training: the options of its checkpoint, with the given resumable options in place
 * of the stored ones.
 */
const resumedSettings = (
  given: FitTableOptions,
  { extra, step }: Checkpoint,
  size: TableSize,
): Omit<Settings, 'workers'> => {
  const before = (extra as TableContents).options;
  const { epochs: _epochs, ...changed } = resumableChoices(given, OPTIONS);
  if (before.batch > size.rows)
    throw new FlowError('checkpoint', 'impflow/fit', 'The batch of the training is larger than its table', {
      expected: `at most ${size.rows}`,
      got: shown(before.batch),
      hint: 'Start a new training.',
    });
  return { ...before, ...changed, steps: resumedSteps('impflow/fit', given, before, { ...size, step }) };
};

/** Returns the learning rate of a training that starts from the fitted mixture. */
export const mixtureRateFor = (choices: PlainChoices, parts: TableParts): number =>
  completeSettings({ ...choices, base: FITTED }, sizeOf(parts)).lr;

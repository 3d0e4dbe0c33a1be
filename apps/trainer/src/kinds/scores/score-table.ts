import type { Frame } from '@impflow/data';
import type { ScoredRows, TrainedRecords, Values } from '@impflow/records';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { finiteDensities } from '../../measure/finite.ts';
import { DRAWS } from '../../measure/scored.ts';
import type { FlowModel, RecordsModel } from '../../model/model.ts';
import { assertNewFile } from '../../run-folder/new-file.ts';
import { number } from '../../terminal/format.ts';
import { note } from '../../terminal/output.ts';
import type { Answer, ScoreOptions } from '../run-commands.ts';
import { trainedRun } from '../trained-run.ts';
import { assertExtras, extrasOf } from './extras.ts';
import { scoreAnswer } from './score-answer.ts';
import { unconverged } from './score-columns.ts';

/** Rows of a file as a model scores them. */
export interface RowsToScore {
  /** At the middle of their noise. NaN is a gap. The remarks say what was assumed of the cells. */
  readonly values: Values;
  /** The cells as the file has them. Default: as the model reads them. */
  readonly frame?: Frame;
}

/**
 * `log p` of every row of a file given its conditions, in the units of the file, its percentile and its p-value among
 * held-out rows, and whether every solve converged. Values of dequantized columns are scored at the middle of their
 * noise, so the log-density is that of the column with noise. Of a row with gaps: that of what is there, with its standard
 * error. The score of a row does not depend on its place or on other rows.
 *
 * @param read Reads the file. Called after the options are checked.
 */
export const scoreTable = async (
  run: LoadedRun<FlowModel | RecordsModel>,
  file: string,
  options: ScoreOptions,
  read: (trained: TrainedRecords) => Promise<RowsToScore>,
): Promise<Answer> => {
  const { out, force } = options;
  if (out !== undefined) await assertNewFile(out, force);
  const trained = trainedRun(run);
  assertExtras(options, trained);
  const { values, frame } = await read(trained);
  for (const remark of values.remarks) note(options, remark);
  const scores = trained.scoreValues(values);
  assertSomeFinite(scores);
  remarks(options, scores, trained);
  const extras = await extrasOf({ trained, values, scores, source: file, ...(frame && { frame }) }, options);
  return scoreAnswer({ file, scores, estimated: trained.estimated, extras }, options);
};

/** @throws `convergence` if no whole row has a log-density. */
const assertSomeFinite = ({ values, gaps }: ScoredRows): void => {
  const whole = values.filter((_, row) => gaps[row] === 0);
  if (whole.length > 0 && whole.every(Number.isNaN)) finiteDensities(whole);
};

/** Says which rows have no score, or one of another kind. */
const remarks = (
  options: ScoreOptions,
  scores: ScoredRows,
  { estimated, heldOut }: Pick<TrainedRecords, 'estimated' | 'heldOut'>,
): void => {
  const { values, gaps } = scores;
  const rows = values.length;
  const failed = unconverged(scores);
  if (failed > 0)
    note(options, `${number(failed)} of ${number(rows)} rows did not converge: column "converged" is 0 for them.`);
  const open = [...gaps.keys()].filter((row) => gaps[row]! > 0);
  const without = open.filter((row) => Number.isNaN(values[row])).length;
  if (open.length > without)
    note(
      options,
      `Rows with gaps: ${number(open.length - without)}. Their log-density is that of what is there, by 256 completions; "se" is its standard error. It does not compare with that of whole rows, so they have no percentile.`,
    );
  if (without > 0)
    note(options, `Rows without a score: ${number(without)}. A condition is missing where training had no gap.`);
  if (heldOut === undefined) note(options, 'No percentiles: the run was not finished, or imported.');
  if (estimated)
    note(
      options,
      `Log-densities are estimates, the means of ${DRAWS} draws: "se" is the standard error in nats. ` +
        'For exact ones: --logdet exact, in time and memory that grow with the square of the columns.',
    );
};

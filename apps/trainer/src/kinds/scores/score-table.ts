import type { Frame, ScoredRows, TrainedRecords, Values } from '@impflow/tables';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { finiteDensities } from '../../measure/finite.ts';
import type { FlowModel, RecordsModel } from '../../model/model.ts';
import { assertNewFile } from '../../run-folder/new-file.ts';
import { note } from '../../terminal/output.ts';
import type { Answer, ScoreOptions } from '../run-commands.ts';
import { trainedRun } from '../trained-run.ts';
import { assertExtras, extrasOf } from './extras.ts';
import { scoreAnswer } from './score-answer.ts';
import { countsOf, scoreRemarks } from './score-remarks.ts';

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
  for (const remark of scoreRemarks(countsOf(scores, trained))) note(options, remark);
  const extras = await extrasOf({ trained, values, scores, source: file, ...(frame && { frame }) }, options);
  return scoreAnswer({ file, scores, estimated: trained.estimated, extras }, options);
};

/** @throws `convergence` if no whole row has a log-density. */
const assertSomeFinite = ({ values, gaps }: ScoredRows): void => {
  const whole = values.filter((_, row) => gaps[row] === 0);
  if (whole.length > 0 && whole.every(Number.isNaN)) finiteDensities(whole);
};

import { scoreColumns, scoreFrame, scoreLists, unconverged } from '@impflow/jobs';
import { toCsvFrame, type ScoredRows, type TrainedRecords } from '@impflow/tables';

/** Scores as JSON, with the names that `impflow score --json` has. JSON has `null` for NaN and infinities. */
export const scoresJson = (scores: ScoredRows, { estimated }: Pick<TrainedRecords, 'estimated'>): object => ({
  rows: scores.values.length,
  unconverged: unconverged(scores),
  ...scoreLists(scoreColumns(scores, estimated)),
  remarks: scores.remarks,
});

/** Scores as CSV, with the columns that `impflow score --out scores.csv` writes. */
export const scoresCsv = (scores: ScoredRows, { estimated }: Pick<TrainedRecords, 'estimated'>): string =>
  toCsvFrame(scoreFrame('scores', scoreColumns(scores, estimated), scores.values.length));

import { atMiddle } from '@impflow/tables';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import type { FlowModel } from '../../model/model.ts';
import type { Answer, ScoreOptions } from '../run-commands.ts';
import { scoreTable } from '../scores/score-table.ts';
import { rowsToScore } from './rows-to-score.ts';

/** Scores of the rows of a file: see {@link scoreTable}. */
export const scoreRows = (run: LoadedRun<FlowModel>, file: string, options: ScoreOptions): Promise<Answer> =>
  scoreTable(run, file, options, async ({ model }) => ({
    values: atMiddle(await rowsToScore(run, file, options), model.spec.columns),
  }));

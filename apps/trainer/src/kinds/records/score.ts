import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { readingOf } from '../../dataset/source.ts';
import type { RecordsModel } from '../../model/model.ts';
import { sourceOf } from '../../plugins/registries.ts';
import { cellsOf } from '../cells-of.ts';
import type { Answer, ScoreOptions } from '../run-commands.ts';
import { scoreTable } from '../scores/score-table.ts';

/** Scores of the records of a file: see {@link scoreTable}. */
export const scoreRecords = (run: LoadedRun<RecordsModel>, file: string, options: ScoreOptions): Promise<Answer> =>
  scoreTable(run, file, options, async (trained) => {
    const frame = await cellsOf(sourceOf(run.registries, { data: file, ...readingOf(options) }), options);
    return { values: trained.read(frame), frame };
  });

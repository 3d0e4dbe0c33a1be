import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TaskOptions } from '@impflow/core';
import {
  readingFor,
  readTablePart,
  writeFrame,
  pickValues,
  type ScoredRows,
  type TrainedRecords,
  type Values,
} from '@impflow/tables';
import { assertHeldOut, flagsOf } from '../scores/flags.ts';
import { joinedScores } from '../scores/joined-scores.ts';
import { leastLikelyFirst } from '../scores/least-likely.ts';
import { allScoreColumns, scoreFrame, type ScoreColumn } from '../scores/score-columns.ts';
import { countsOf } from '../scores/score-remarks.ts';
import { withNamesOf } from '../scores/with-names.ts';
import type { LowRow, ScoredPart, ScoreTask } from '../tasks/task.ts';
import { writtenPart } from './written-part.ts';

/** Number of rows between two reports of progress. */
const BLOCK = 2 ** 14;
/**
 * Number of least likely rows that a task reports for its part. The command `score` shows the same number for the whole
 * table.
 */
const LOWEST = 10;

/**
 * Scores a part of a table and writes its scores. The scores equal the scores that these rows get when `score` scores
 * the whole table.
 *
 * @throws errors of the reader; `option` for alarms without held-out rows.
 */
export const scorePart = async (
  trained: TrainedRecords,
  { part, columns, out, alarm }: ScoreTask,
  { onProgress, signal }: Required<TaskOptions>,
): Promise<ScoredPart> => {
  if (alarm !== undefined) assertHeldOut(trained.heldOut?.rows);
  const { values, remarks } = await readValues(trained, part, columns);
  collectGarbage();
  const scores = await inBlocks(trained, values, (done) => {
    signal.throwIfAborted();
    onProgress(done);
  });
  const flags = alarm === undefined ? undefined : flagsOf(scores.pValues, alarm);
  const table = allScoreColumns(scores);
  await writeFrame(
    out,
    scoreFrame(out, [...table, ...(flags === undefined ? [] : [{ name: 'alarm', numbers: flags }])], values.rows),
  );
  return {
    ...(await writtenPart(out, values.rows)),
    ...countsOf(scores, trained),
    ...(flags === undefined ? {} : { flagged: flags.reduce((sum, flag) => sum + (flag === 1 ? 1 : 0), 0) }),
    lowest: lowestRows(table, scores.values),
    remarks: [...remarks, ...scores.remarks],
  };
};

/**
 * Reads the rows of a part as the input of the model. After this call, the cells of the table can be garbage-collected.
 */
const readValues = async (
  trained: TrainedRecords,
  part: ScoreTask['part'],
  columns: ScoreTask['columns'],
): Promise<{ readonly values: Values; readonly remarks: readonly string[] }> => {
  const { columns: names, categories } = readingFor(trained.density.spec.columns);
  const frame = await readTablePart(part, { categories, ...(columns === undefined ? {} : { columns }) });
  return { values: trained.read(withNamesOf(frame, names)), remarks: frame.remarks ?? [] };
};

const inBlocks = async (
  trained: TrainedRecords,
  values: Values,
  onRows: (rows: number) => void,
): Promise<ScoredRows> => {
  const parts: ScoredRows[] = [];
  for (let first = 0; first < values.rows; first += BLOCK) {
    const count = Math.min(BLOCK, values.rows - first);
    parts.push(
      trained.scoreValues(
        pickValues(
          values,
          Uint32Array.from({ length: count }, (_, i) => first + i),
        ),
      ),
    );
    onRows(first + count);
    // The event loop runs once here, so that pending messages to the parent process are sent.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return joinedScores(parts, values.remarks);
};

const lowestRows = (columns: readonly ScoreColumn[], logDensities: Float64Array): readonly LowRow[] =>
  leastLikelyFirst(logDensities)
    .slice(0, LOWEST)
    .map((row) => ({
      row,
      scores: Object.fromEntries(columns.map(({ name, numbers }) => [name, asJson(numbers[row]!)])),
    }));

const asJson = (value: number): number | string | null =>
  Number.isNaN(value) ? null : Number.isFinite(value) ? value : String(value);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Runs a full garbage collection, which takes tens of milliseconds. The backend makes collections rare (`collectRarely`
 * of core), because this makes training faster. When parts are scored, rare collections would let the cells of earlier
 * parts accumulate in memory.
 */
const collectGarbage = (): void => collect();

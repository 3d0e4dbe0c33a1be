import { FlowError, key } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import {
  completeRows,
  readingFor,
  type Frame,
  type KeepRows,
  type RecordFlow,
  type TrainedRecords,
} from '@impflow/tables';
import { checkpointBytes, runKey, type Checkpoint } from '@impflow/training';
import type { TableContents } from './checkpoint/contents.ts';
import { evaluatePart } from './evaluate.ts';
import { ASKING, assertCount, IMPUTING, JUDGING, SAMPLING, SAVING, SCORING } from './model-arguments.ts';
import type { Model, Reason, Score, ScoreOptions } from './model.ts';
import { openDensity, type OpenDensity } from './open-density.ts';
import { checkArguments } from './options/check-arguments.ts';
import { modelDrift, type HeldOutRows } from './questions/drift/model-drift.ts';
import { probabilityOf } from './questions/ranges/probability.ts';
import { sampleGiven } from './questions/ranges/sample-given.ts';
import { eventOnRows, keepOf, scoreGiven } from './questions/ranges/score-given.ts';
import { repairRow } from './questions/repair/repair-row.ts';
import { judgeRows } from './questions/synthetic/judge-rows.ts';
import { readRows, readPartsAgain } from './read-table.ts';
import { frameOfObjects } from './rows/frame-of-objects.ts';
import { rowsOfFrame, type ColumnTypes } from './rows/rows-of-frame.ts';
import type { AnyRow, Rows, Source } from './rows/rows.ts';
import { saveFile } from './save-file.ts';
import { byGaps, type Part } from './table/part.ts';
import { readPart } from './table/split.ts';
import { disposeModel } from './train/dispose-model.ts';
import { trainedDensity } from './trained-density.ts';

/** Options of the function that opens the model of a checkpoint. */
interface OpenModelOptions {
  /** Registries with the methods that the spec may name. */
  readonly registries: Registries;
  /** Name of the checkpoint, for messages. */
  readonly source: string;
  /** The density of the checkpoint, if it is already built. The model then owns the density. */
  readonly opened?: OpenDensity | undefined;
  /** The test rows, if they are in memory. */
  readonly heldOut?: HeldOutRows | undefined;
}

/**
 * Returns the model of a checkpoint.
 *
 * @throws the errors of `openDensity`; `checkpoint` if the training was not finished.
 */
export const openModel = (
  checkpoint: Checkpoint,
  { registries, source, heldOut, opened: given }: OpenModelOptions,
): Model => {
  const contents = checkpoint.extra as Partial<TableContents> | undefined;
  const report = contents?.report;
  if (report === undefined)
    throw new FlowError('checkpoint', 'impflow/load', `${source} has no report`, {
      expected: 'a model whose training was finished',
      got: 'a training that was interrupted, or an imported model',
      hint: 'Finish its training first.',
    });
  const opened = given ?? openDensity(checkpoint, registries, source);
  const { density, estimated } = opened;
  const types = contents?.types ?? {};
  const trained = trainedDensity(opened, contents);
  const model: Model = Object.freeze<Model>({
    report,
    score: (rows, options = {}) => {
      checkArguments('impflow/score', options, SCORING);
      return scoresOf(trained, rows, options);
    },
    explain: (row) => reasonsOf(trained, row, types),
    sample: (count, options = {}) => {
      assertCount(count, density.spec.columns.length);
      checkArguments('impflow/sample', options, SAMPLING);
      const { given, seed = 0, temperature = 1 } = options;
      return rowsOfFrame(sampleGiven(trained, count, { given, seed, temperature }), types);
    },
    impute: (rows, options = {}) => {
      checkArguments('impflow/impute', options, IMPUTING);
      const { draws = 1, seed = 0, given } = options;
      const keep = given === undefined ? {} : { keep: keepOf(trained, eventOnRows(trained, given, 'impflow/impute')) };
      return imputed(trained, rows, { draws, seed, types, ...keep });
    },
    probability: (event, options = {}) => {
      checkArguments('impflow/probability', options, ASKING);
      return probabilityOf(trained, event, options);
    },
    repair: (row, options = {}) => repairRow({ score: model.score, trained, types }, row, options),
    evaluate: async (rows) => {
      const { part, from } = await partToEvaluate(rows, { checkpoint, density, test: heldOut?.test, source });
      return evaluatePart(density, part, { estimated, source: from, seed: checkpoint.seed });
    },
    judgeSynthetic: async (rows, options = {}) => {
      checkArguments('impflow/judgeSynthetic', options, JUDGING);
      return judgeRows(rows, { checkpoint, density, source }, options.seed ?? 0);
    },
    drift: async (rows, options) =>
      modelDrift(
        {
          trained,
          contents: contents ?? {},
          testRows: async () => heldOut ?? readPartsAgain(contents as TableContents, checkpoint.seed, source),
        },
        rows,
        options,
      ),
    save: async (folder, options = {}) => {
      checkArguments('impflow/save', options, SAVING);
      return saveFile(folder, checkpointBytes(checkpoint), options.force ?? false);
    },
    toBytes: () => checkpointBytes(checkpoint),
    dispose: () => disposeModel(density.flow),
  });
  return model;
};

/** Converts row objects to the cells that a model reads. A missing key in a row is a gap (empty cell). */
const cellsOf = ({ density }: TrainedRecords, rows: readonly object[], source: string): Frame =>
  frameOfObjects(rows, source, readingFor(density.spec.columns));

const scoresOf = (trained: TrainedRecords, rows: readonly object[], { onRemark, given }: ScoreOptions): Score[] => {
  const frame = cellsOf(trained, rows, 'the rows');
  const { values, errors, pValues, percentiles, converged, remarks } =
    given === undefined ? trained.score(frame) : scoreGiven(trained, frame, given);
  if (onRemark !== undefined) for (const remark of remarks) onRemark(remark);
  return Array.from(values, (logDensity, row) => ({
    logDensity,
    standardError: errors[row]!,
    pValue: pValues[row]!,
    percentile: percentiles[row]!,
    converged: converged[row] === 1,
  }));
};

const reasonsOf = (trained: TrainedRecords, row: object, types: ColumnTypes): Reason[] => {
  if (Array.isArray(row))
    throw new FlowError('input', 'impflow/explain', 'Wrong row', {
      expected: 'one row as an object',
      got: 'an array',
      hint: 'Explain each row by itself.',
    });
  const frame = cellsOf(trained, [row], 'the row');
  const [reasons] = trained.explain(frame);
  const [cells] = rowsOfFrame(frame, types);
  return reasons!
    .map(({ column, typical, part, percentile }) => {
      const [usual] = rowsOfFrame(frameOfObjects([{ [column]: typical ?? null }], 'the cell'), types);
      return { column, nats: part, value: cells![column], usual: usual![column], percentile };
    })
    .toSorted((a, b) =>
      Number.isNaN(a.nats) ? 1 : Number.isNaN(b.nats) ? -1 : b.nats === a.nats ? 0 : b.nats - a.nats,
    );
};

interface ImputingOptions {
  readonly draws: number;
  readonly seed: number;
  readonly types: ColumnTypes;
  readonly keep?: KeepRows;
}

const imputed = (
  trained: TrainedRecords,
  rows: readonly object[],
  { draws, seed, types, ...keep }: ImputingOptions,
): AnyRow[][] => {
  const cells = cellsOf(trained, rows, 'the rows');
  const { frame, row, left } = trained.impute(cells, { draws, key: key(seed), ...keep });
  const completed = rowsOfFrame(frame, types);
  const { columns } = trained.read(cells);
  const names = frame.columns.map(({ name }) => name);
  const out: AnyRow[][] = rows.map(() => []);
  row.forEach((at, i) => {
    // A known cell is returned as it was given: a string of a number stays a string, and a date keeps its form.
    const gaps = names.filter((_, j) => Number.isNaN(columns[j]![at]));
    out[at]!.push({ ...rows[at], ...Object.fromEntries(gaps.map((name) => [name, completed[i]![name]])) });
  });
  for (const at of left) out[at]!.push(rows[at] as AnyRow);
  // All draws of a row are equal if the row has no gaps or cannot be filled.
  return out.map((each) => (each.length === draws ? each : Array.from({ length: draws }, () => each[0]!)));
};

interface ToEvaluate {
  readonly checkpoint: Checkpoint;
  readonly density: RecordFlow;
  readonly test: Part | undefined;
  readonly source: string;
}

const partToEvaluate = async (
  rows: Source | Rows<AnyRow> | undefined,
  { checkpoint, density: { spec, layout }, test, source }: ToEvaluate,
): Promise<{ readonly part: Part; readonly from: string }> => {
  const contents = checkpoint.extra as TableContents;
  if (rows === undefined) {
    if (test !== undefined) return { part: test, from: contents.provenance.source };
    const parts = await readPartsAgain(contents, checkpoint.seed, source);
    return { part: parts.test, from: parts.source };
  }
  const frame = await readRows(rows, { ...contents.options, categories: readingFor(spec.columns).categories });
  const { weights } = contents.options;
  const isWeighted = frame.columns.some(({ name }) => name === weights);
  const key = runKey(checkpoint.seed, 'data');
  const read = readPart(frame, spec, { key, ...(isWeighted ? { weights } : {}) });
  const { complete } = byGaps(read, layout);
  if (completeRows(read.values, layout).length === 0)
    throw new FlowError('input', 'impflow/evaluate', `No row without gaps in ${frame.source}`, {
      expected: 'at least one: densities of different sets of columns cannot be compared',
      got: `${read.values.rows} rows with gaps`,
      hint: 'Use score, which scores rows with gaps.',
    });
  return { part: complete, from: frame.source };
};

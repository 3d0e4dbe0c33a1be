// Exports that the entry point for Node and the entry point for web pages share. Each entry point has its own `fit` and
// `load`.
export type { MethodSpec } from '@impflow/core';
export type { Evaluation } from './evaluate.ts';
export type { ChoiceEvent, ColumnsEvent, FitEvent, OnEvent, RemarkEvent, StartEvent, StepEvent } from './events.ts';
export type { FitOptions } from './fit.ts';
export type { LoadOptions } from './load.ts';
export type {
  ImputeOptions,
  JudgeSyntheticOptions,
  Model,
  Reason,
  SampleOptions,
  Score,
  ScoreOptions,
} from './model.ts';
export type { Calibration } from './measure/calibration.ts';
export type { HeldOut } from './measure/held-out.ts';
export type { SolveStatistics } from './measure/solve-statistics.ts';
export type { Change, Repair, RepairOptions } from './questions/repair/types.ts';
export { OPTIONS, type Choices } from './options/options.ts';
export type { ClassifierFidelity, ColumnFidelity, PairFidelity } from './questions/synthetic/fidelity.ts';
export type { SyntheticReport } from './questions/synthetic/judge-synthetic.ts';
export type { Compared, Privacy } from './questions/synthetic/privacy.ts';
export type { Probability } from './questions/ranges/estimate.ts';
export type { CellRange, CellSet, RowEvent } from './questions/ranges/event.ts';
export type { ProbabilityOptions } from './questions/ranges/probability.ts';
export type { ColumnDrift, Drift, DriftOptions, PairDrift, RowCounts, StreamDrift } from './questions/drift/drift.ts';
export type { Report, Rival } from './report.ts';
export type { AnyRow, ArrowLike, Cell, Columns, RowList, RowOf, Rows, Source } from './rows/rows.ts';
export type { ColumnReport } from './table/column-report.ts';
export type { PartFigures } from './table/validation.ts';
export type { Sampler } from './table/source.ts';

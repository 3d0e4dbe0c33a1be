export { assertRecordsSpec } from './assert-records-spec.ts';
export { assertCategoryTree, type CategoryTree } from './category-tree.ts';
export { conformalPValues } from './conformal.ts';
export { dateFormatOf, dateNumbers, dateText, type AlmostDates, type DateFormat } from './dates.ts';
export { cellOf, frameOfValues } from './decode.ts';
export { describeCells, type CellSummary } from './describe-cells.ts';
export { drawValues } from './draw.ts';
export { forEvaluation, isEstimated } from './estimated.ts';
export { explain, type Reason } from './explain.ts';
export { completeRows, filledByMedian, gapsOf, pickValues } from './fill-gaps.ts';
export type { ColumnMap } from '@impflow/flows';
export { fitColumnMap, type MapChoice } from './fit-column-map.ts';
export { fitColumns, type FitColumnsOptions, type FittedColumns } from './fit-columns.ts';
export { impute, type Imputed, type ImputeOptions } from './impute.ts';
export { isTargetCategory, isTargetNumber, layoutOf, type Layout } from './layout.ts';
export { coordinatesOfRecords, type RecordCoordinates } from './coordinates.ts';
export { fitApproximation, type Approximation } from './approximation.ts';
export { filledByDraws } from './fill-by-draws.ts';
export { logDensitiesOf, type LogDensities } from './log-densities.ts';
export { atMiddle, withNoise } from './noise.ts';
export { percentile } from './percentile.ts';
export { planColumns, type ColumnPlan, type PlanOptions } from './plan-columns.ts';
export { eventsOfRecords, eventSizeOf, recordFlow, recordFlowOf, type RecordFlow } from './record-flow.ts';
export { loadRun, recordsFromCheckpoint, type LoadRunOptions, type RecordsRun } from './load-run.ts';
export { runContents, type RunContents } from './run-contents.ts';
export { recordsOfRun, type BuiltRun } from './records-of-run.ts';
export { rowsAsRecords, type NumberColumns } from './rows-as-records.ts';
export { recordsSpec, type RecordsOptions } from './records-spec.ts';
export { rowWeights } from './row-weights.ts';
export { scoreRecords, type Scores } from './score.ts';
export type { CategoryColumn, ColumnSpec, NumberColumn, RecordsSpec } from './spec.ts';
export {
  trainedRecords,
  type DrawOptions,
  type HeldOutDensities,
  type NamedReason,
  type Rows,
  type SampleRecordsOptions,
  type ScoredRows,
  type TrainedRecords,
} from './trained-records.ts';
export { drawCategories, type CategoryDrawOptions } from './tree-draws.ts';
export { fitCategoryTree, type TreeFitOptions } from './tree-fit.ts';
export { treeConditional, treeLogProbs, treeMarginals } from './tree-probabilities.ts';
export { logCategoriesOf } from './tree-of-rows.ts';
export { joinedValues, valuesOf, type Values } from './values.ts';
export { withGiven } from './with-given.ts';

export {
  ATOM_SHARE,
  DISTINCT_CAP,
  describeColumns,
  integerColumns,
  resolutionsOf,
  type Atom,
  type ColumnSummary,
} from './columns/columns.ts';
export { dateFormatOf, dateNumbers, dateText, type AlmostDates, type DateFormat } from './columns/dates.ts';
export { centered, dequantise, onGrid } from './columns/dequantise.ts';
export { describeCells, type CellSummary } from './columns/describe-cells.ts';
export { fitColumnMap, type MapChoice } from './columns/fit-column-map.ts';
export { fitColumns, type FitColumnsOptions, type FittedColumns } from './columns/fit-columns.ts';
export { isTargetCategory, isTargetNumber, layoutOf, type Layout } from './columns/layout.ts';
export { atMiddle, withNoise } from './columns/noise.ts';
export { inUnits, offsetList, offsetRemarks, offsetsOf, readOffsets, summariesInUnits } from './columns/offsets.ts';
export { planColumns, type ColumnPlan, type PlanOptions } from './columns/plan-columns.ts';
export { fitQuantiles, type QuantileMap } from './columns/quantiles.ts';
export { noiseRemarks } from './columns/remarks.ts';
export { readResolutions, resolutionList, type Resolutions } from './columns/resolutions.ts';
export { rowWeights } from './columns/row-weights.ts';
export { fitScaling, type Scaling } from './columns/scaling.ts';
export type { CategoryColumn, ColumnSpec, NumberColumn, RecordsSpec } from './columns/spec.ts';
export { joinedValues, valuesOf, type Values } from './columns/values.ts';
export { fitWhitening, type Whitening } from './columns/whitening.ts';
export { fitApproximation, type Approximation } from './density/approximation.ts';
export { assertRecordsSpec } from './density/assert-records-spec.ts';
export { conformalPValues } from './density/conformal.ts';
export { coordinatesOfRecords, type RecordCoordinates } from './density/coordinates.ts';
export { cellOf, frameOfValues } from './density/decode.ts';
export { drawValues } from './density/draw.ts';
export { forEvaluation, isEstimated } from './density/estimated.ts';
export { explain, type Reason } from './density/explain.ts';
export { filledByDraws } from './density/fill-by-draws.ts';
export { completeRows, filledByMedian, gapsOf, pickValues } from './density/fill-gaps.ts';
export { impute, type Imputed, type ImputeOptions } from './density/impute.ts';
export { loadRun, recordsFromCheckpoint, type LoadRunOptions, type RecordsRun } from './density/load-run.ts';
export { logDensitiesOf, type LogDensities } from './density/log-densities.ts';
export { percentile } from './density/percentile.ts';
export { eventsOfRecords, eventSizeOf, recordFlow, recordFlowOf, type RecordFlow } from './density/record-flow.ts';
export { recordsOfRun, type BuiltRun } from './density/records-of-run.ts';
export { recordsSpec, type RecordsOptions } from './density/records-spec.ts';
export { rowsAsRecords, type NumberColumns } from './density/rows-as-records.ts';
export { runContents, type RunContents } from './density/run-contents.ts';
export { scoreRecords, type Scores } from './density/score.ts';
export {
  trainedRecords,
  type DrawOptions,
  type HeldOutDensities,
  type NamedReason,
  type Rows,
  type SampleRecordsOptions,
  type ScoredRows,
  type TrainedRecords,
} from './density/trained-records.ts';
export { withGiven } from './density/with-given.ts';
export { COPIES_SHARE, distinctFrameRows, distinctRows } from './frame/copies.ts';
export type { DataSet } from './frame/data-set.ts';
export { frameOfTable } from './frame/frame-of-table.ts';
export { frameOf } from './frame/frame-of.ts';
export { pickFrameRows, selectFrame } from './frame/frame-rows.ts';
export { isFrame, type Frame, type FrameColumn } from './frame/frame.ts';
export { printable } from './frame/printable.ts';
export { splitRows, type Split, type SplitOptions } from './frame/split.ts';
export { tableOfFrame } from './frame/table-of-frame.ts';
export { pickRows, selectColumns, type Offsets, type Table } from './frame/table.ts';
export { readTablePart, type PartOptions } from './parts/read-table-part.ts';
export type { CsvReading, TablePart, TableParts } from './parts/table-part.ts';
export { tableParts, type PartsOptions } from './parts/table-parts.ts';
export { isGapAmongNumbers } from './read/cells.ts';
export { assertRows, checkedTable, type CheckOptions } from './read/check.ts';
export { columnProblem, type ColumnProblem } from './read/column-problem.ts';
export type { Decimal, Separator } from './read/csv-options.ts';
export type { CsvOptions } from './read/csv-options.ts';
export { HEAD_ROWS, parseCsv, type CsvTable } from './read/csv.ts';
export { parseFrame, type FrameOptions } from './read/parse-frame.ts';
export { parseTable, type ParseOptions } from './read/parse.ts';
export { readableExtensions } from './read/raw-file.ts';
export type { RawColumn, RawTable } from './read/raw.ts';
export { readFrame } from './read/read-frame.ts';
export { readTable, type ReadOptions } from './read/read.ts';
export { toy, toys } from './toys.ts';
export type { Toy } from './toys/toy.ts';
export { assertCategoryTree, type CategoryTree } from './tree/category-tree.ts';
export { drawCategories, type CategoryDrawOptions } from './tree/tree-draws.ts';
export { fitCategoryTree, type TreeFitOptions } from './tree/tree-fit.ts';
export { logCategoriesOf } from './tree/tree-of-rows.ts';
export { treeConditional, treeLogProbs, treeMarginals } from './tree/tree-probabilities.ts';
export { toCsvFrame, toCsvText, type Writable } from './write/csv.ts';
export { toCsv } from './write/encode.ts';
export { openTableWriter, type TableWriter, type TableWriterOptions } from './write/open-table-writer.ts';
export { writeFrame, writeTable } from './write/write.ts';
export type { ColumnMap } from '@impflow/flows';

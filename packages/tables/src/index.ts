export type { Clock } from './columns/clock.ts';
export type { Codes } from './columns/codes.ts';
export { dateFormatOf, dateNumbers, dateText, type AlmostDates, type DateFormat } from './columns/dates.ts';
export { describeCells, type CellSummary } from './columns/describe-cells.ts';
export { describeColumns, type Atom, type ColumnSummary, type NamedNumbers } from './columns/describe-columns.ts';
export type { MapChoice } from './columns/fit-column-map.ts';
export type { FoundFormat } from './columns/find-number-format.ts';
export { fitColumns, type FitColumnsOptions, type FittedColumns } from './columns/fit-columns.ts';
export { isTargetCategory, isTargetNumber, layoutOf, type Layout } from './columns/layout.ts';
export { atMiddle, withNoise } from './columns/noise.ts';
export { normalQuantile, normalShare } from './columns/normal-distribution.ts';
export type { NumberRows } from './columns/number-rows.ts';
export { formattedNumbers, plainColumn, type GroupSign, type NumberFormat } from './columns/number-format.ts';
export { offsetOf } from './columns/offset.ts';
export type { ColumnPlan, PlannedDates, PlanOptions } from './columns/column-plan.ts';
export { planColumns, STORED_INDEX } from './columns/plan-columns.ts';
export { fitQuantiles, type QuantileMap } from './columns/quantiles.ts';
export { rowWeights } from './columns/row-weights.ts';
export type { RoundedWholes } from './columns/rounded-wholes.ts';
export { fitScaling, type Scaling } from './columns/scaling.ts';
export type { CategoryColumn, ColumnSpec, NumberColumn, RecordsSpec } from './columns/spec.ts';
export type { MostlyNumbers, UnreadCells } from './columns/text-kinds.ts';
export { joinedValues, pickValues } from './columns/pick-values.ts';
export { readingFor, valuesOf, type Values } from './columns/values.ts';
export { fitWhitening, type Whitening } from './columns/whitening.ts';
export { fitApproximation, type Approximation } from './density/approximation.ts';
export { emptied, emptiedFrame, type GapMarks } from './columns/emptied.ts';
export { gridStep } from './columns/resolution.ts';
export { assertDrawn, assertTemperature } from './density/assert-drawn.ts';
export { conditionValues } from './density/condition-values.ts';
export { assertRecordsSpec } from './density/assert-records-spec.ts';
export { conformalPValues, percentile } from './density/held-out-ranks.ts';
export { CONSTANT_KINDS } from './density/constant-blocks.ts';
export { coordinatesOfRecords, type RecordCoordinates } from './density/coordinates.ts';
export { cellOf, frameOfValues, unitsOf } from './density/decode.ts';
export { drawValues } from './density/draw.ts';
export { valuesAt, type PlacedValues } from './density/values-at.ts';
export { forEvaluation, isEstimated } from './density/estimated.ts';
export { explain, type Reason } from './density/explain.ts';
export { filledByDraws } from './density/fill-by-draws.ts';
export { filledByMedian } from './density/fill-gaps.ts';
export { completeRows, gapsOf } from './columns/gaps.ts';
export { impute, type Imputed, type ImputeOptions } from './density/impute.ts';
export { logDensitiesOf, type LogDensities, type LogDensityOptions } from './density/log-densities.ts';
export { eventsOfRecords, recordFlow, type RecordFlow } from './density/record-flow.ts';
export { recordsSpec, type RecordsOptions, type ScalingMethod } from './density/records-spec.ts';
export {
  readOffsets,
  readResolutions,
  rowsAsRecords,
  type ColumnNumbers,
  type NumberColumns,
} from './density/rows-as-records.ts';
export { runContents, type RunContents } from './density/run-contents.ts';
export { rowKeys, scoreRecords, type Scores } from './density/score.ts';
export {
  weightedDraws,
  type KeepRows,
  type WeightedDraws,
  type WeightedDrawsOptions,
} from './density/weighted-draws.ts';
export {
  trainedRecords,
  type DrawOptions,
  type ReferenceQuantiles,
  type NamedReason,
  type Rows,
  type SampleRecordsOptions,
  type ScoredRows,
  type TrainedRecords,
} from './density/trained-records.ts';
export { logCategoriesOf } from './density/log-categories.ts';
export { withGiven } from './density/with-given.ts';
export { isGapAmongNumbers } from './frame/cells.ts';
export { distinctFrameRows } from './frame/copies.ts';
export type { DataSet } from './frame/data-set.ts';
export { pickFrameRows, selectFrame } from './frame/frame-rows.ts';
export { isFrame, type CellType, type Frame, type FrameColumn } from './frame/frame.ts';
export { printable } from './frame/printable.ts';
export type { Decimal } from './frame/simple-number.ts';
export { extensionOf } from './frame/extension.ts';
export { splitRows, type Split, type SplitOptions } from './frame/split.ts';
export { partKinds } from './parts/part-readers.ts';
export type { PartsOptions } from './parts/parts-options.ts';
export { readTablePart, type PartOptions } from './parts/read-table-part.ts';
export { isTableFile } from './parts/table-files.ts';
export type { CsvReading, LinesReading, TablePart, TableParts } from './parts/table-part.ts';
export { tableParts } from './parts/table-parts.ts';
export { frameOfColumns, type CellList } from './read/frame-of-columns.ts';
export { frameOf } from './read/frame-of.ts';
export type { ColumnForm } from './read/frame-columns.ts';
export type { CsvOptions, FrameOptions, Separator } from './read/options.ts';
export { parseFrame, parsePackedFrame } from './read/parse-frame.ts';
export { parseParquet } from './read/parse-parquet.ts';
export { extensionOfType, partExtensions, readableExtensions, type PartKind } from './read/formats.ts';
export { decodeFrame, readFrame } from './read/read-frame.ts';
export { toy, toys } from './toys.ts';
export type { Toy } from './toys/toy.ts';
export { assertCategoryTree, type CategoryTree } from './tree/category-tree.ts';
export { drawCategories, type CategoryDrawOptions } from './tree/tree-draws.ts';
export { fitCategoryTree, type TreeFitOptions } from './tree/tree-fit.ts';
export { treeConditional, treeLogProbs, treeMarginals } from './tree/tree-probabilities.ts';
export { cellText, toCsvFrame, type CsvWriteOptions } from './write/csv.ts';
export { openTableWriter, type TableWriter, type TableWriterOptions } from './write/open-table-writer.ts';
export { writeFrame } from './write/write-frame.ts';

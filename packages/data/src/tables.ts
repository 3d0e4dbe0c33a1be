export {
  ATOM_SHARE,
  DISTINCT_CAP,
  describeColumns,
  integerColumns,
  resolutionsOf,
  type Atom,
  type ColumnSummary,
} from './columns.ts';
export { COPIES_SHARE, distinctFrameRows, distinctRows } from './copies.ts';
export { centered, dequantise, onGrid } from './dequantise.ts';
export { isFrame, type Frame, type FrameColumn } from './frame.ts';
export { frameOf } from './frame-of.ts';
export { frameOfTable } from './frame-of-table.ts';
export { pickFrameRows, selectFrame } from './frame-rows.ts';
export { inUnits, offsetList, offsetRemarks, offsetsOf, readOffsets, summariesInUnits } from './offsets.ts';
export { parseTable, type ParseOptions } from './parse.ts';
export { parseFrame, type FrameOptions } from './parse-frame.ts';
export { isGapAmongNumbers } from './readers/cells.ts';
export { assertRows, checkedTable, type CheckOptions } from './readers/check.ts';
export { columnProblem, type ColumnProblem } from './readers/column-problem.ts';
export { HEAD_ROWS, parseCsv, type CsvTable } from './readers/csv.ts';
export type { CsvOptions } from './readers/csv-options.ts';
export type { RawColumn, RawTable } from './readers/raw.ts';
export { noiseRemarks } from './remarks.ts';
export { readResolutions, resolutionList, type Resolutions } from './resolutions.ts';
export { fitQuantiles, type QuantileMap } from './quantiles.ts';
export { fitScaling, type Scaling } from './scaling.ts';
export { splitRows, type Split, type SplitOptions } from './split.ts';
export { pickRows, selectColumns, type Offsets, type Table } from './table.ts';
export { tableOfFrame } from './table-of-frame.ts';
export { toCsvFrame, toCsvText, type Writable } from './writers/csv.ts';
export { fitWhitening, type Whitening } from './whitening.ts';

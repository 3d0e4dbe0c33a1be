export { imageBatch, imageBatches, type AugmentOptions, type ImageBatchesOptions } from './augment.ts';
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
export type { DataSet } from './data-set.ts';
export { centered, dequantise, onGrid } from './dequantise.ts';
export { isFrame, type Frame, type FrameColumn } from './frame.ts';
export { frameOf } from './frame-of.ts';
export { frameOfTable } from './frame-of-table.ts';
export { pickFrameRows, selectFrame } from './frame-rows.ts';
export { pickImages, type Images } from './images.ts';
export { inUnits, offsetList, offsetRemarks, offsetsOf, readOffsets, summariesInUnits } from './offsets.ts';
export { openTableWriter, type TableWriter, type TableWriterOptions } from './open-table-writer.ts';
export { parseTable, type ParseOptions } from './parse.ts';
export { parseFrame, type FrameOptions } from './parse-frame.ts';
export { printable } from './printable.ts';
export { readTable, type ReadOptions } from './read.ts';
export { readFrame } from './read-frame.ts';
export { readTablePart, type PartOptions } from './read-table-part.ts';
export { tableParts, type PartsOptions } from './table-parts.ts';
export type { CsvReading, TablePart, TableParts } from './parts/table-part.ts';
export { isGapAmongNumbers } from './readers/cells.ts';
export { readableExtensions } from './readers/raw-file.ts';
export type { Decimal, Separator } from './readers/csv-options.ts';
export { readImages } from './read-images.ts';
export { readCifar } from './readers/cifar.ts';
export { readIdx } from './readers/idx.ts';
export { readImageFolder } from './readers/image-folder.ts';
export type { ImageReadOptions } from './readers/image-options.ts';
export { noiseRemarks } from './remarks.ts';
export { readResolutions, resolutionList, type Resolutions } from './resolutions.ts';
export { fitQuantiles, type QuantileMap } from './quantiles.ts';
export { fitScaling, type Scaling } from './scaling.ts';
export { splitRows, type Split, type SplitOptions } from './split.ts';
export { pickRows, selectColumns, type Offsets, type Table } from './table.ts';
export { tableOfFrame } from './table-of-frame.ts';
export { toy, toys } from './toys.ts';
export type { Toy } from './toys/toy.ts';
export { fitWhitening, type Whitening } from './whitening.ts';
export { writeFrame, writeTable } from './write.ts';
export { toCsvFrame, toCsvText, type Writable } from './writers/csv.ts';
export { toCsv } from './writers/encode.ts';

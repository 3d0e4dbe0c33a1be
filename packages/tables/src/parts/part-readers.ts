import type { Frame } from '../frame/frame.ts';
import type { PartKind } from '../read/formats.ts';
import type { ByteSource } from './byte-source.ts';
import { csvParts } from './csv-parts.ts';
import type { FileParts } from './file-parts.ts';
import { jsonParts, readJsonPart } from './json-parts.ts';
import { npyParts, readNpyPart } from './npy-parts.ts';
import { parquetParts } from './parquet-parts.ts';
import type { WantedColumns } from './part-columns.ts';
import type { PartsOptions } from './parts-options.ts';
import { readCsvPart } from './read-csv-part.ts';
import { readParquetPart } from './read-parquet-part.ts';
import type { TablePart } from './table-part.ts';

/** Functions for one file format: they divide a file into parts, and read a part. */
interface PartReader {
  /** Divides a file into parts, which are ranges of rows. */
  find(source: ByteSource, options: PartsOptions): Promise<FileParts>;
  /** Reads the wanted columns of a part. `at` is the name of the calling function, for error messages. */
  read(at: string, source: ByteSource, part: TablePart, wanted: WantedColumns): Promise<Frame>;
}

const PART_BYTES = 2 ** 21;

/** The functions that divide a file and read a part, for each file format. */
export const PART_READERS: Readonly<Record<PartKind, PartReader>> = {
  parquet: { find: (source, { partRows }) => parquetParts(source, partRows), read: readParquetPart },
  csv: {
    find: (source, { partBytes = PART_BYTES, partRows: _partRows, ...csv }) => csvParts(source, csv, partBytes),
    read: readCsvPart,
  },
  jsonl: { find: (source, { partBytes = PART_BYTES }) => jsonParts(source, partBytes), read: readJsonPart },
  npy: {
    find: (source, { partRows }) => npyParts(source, partRows),
    read: (at, source, part, { columns }) => readNpyPart(at, source, part, columns),
  },
};

/** The possible values of the field `kind` of a {@link TablePart}. */
export const partKinds: readonly string[] = Object.keys(PART_READERS);

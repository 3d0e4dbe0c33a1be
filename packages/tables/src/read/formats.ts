/** Key of `PART_READERS`, which contains the functions that divide a file into parts. */
export type PartKind = 'parquet' | 'csv' | 'jsonl' | 'npy';

/** A file format of tables. */
export interface TableFormat {
  /** HTTP content types of files with this format. */
  readonly types: readonly string[];
  /** Method by which a file is divided into parts. Undefined for a format that can only be read as a whole. */
  readonly parts?: PartKind;
}

/** Extension of a file with the text of a table. Such a file can be packed by gzip. */
type TextExtension = '.csv' | '.tsv' | '.jsonl' | '.ndjson';
/** Extension of a table file, with its dots. */
export type TableExtension = TextExtension | `${TextExtension}.gz` | '.npy' | '.parquet';

/**
 * The file formats of tables by extension. Lists of extensions, in code and in READMEs, are derived from this record.
 * CONTRIBUTING.md names the texts that are written by hand. The readers are in a separate file, raw-file.ts, because a
 * web page reads only text: CSV, TSV and JSON lines, also packed by gzip.
 */
export const FORMATS: Readonly<Record<TableExtension, TableFormat>> = {
  '.csv': { types: ['text/csv', 'application/csv', 'text/plain'], parts: 'csv' },
  '.tsv': { types: ['text/tab-separated-values'], parts: 'csv' },
  '.jsonl': { types: ['application/jsonl', 'application/x-jsonlines'], parts: 'jsonl' },
  '.ndjson': { types: ['application/x-ndjson', 'application/ndjson'], parts: 'jsonl' },
  '.npy': { types: [], parts: 'npy' },
  '.parquet': { types: ['application/vnd.apache.parquet'], parts: 'parquet' },
  '.csv.gz': { types: [], parts: 'csv' },
  '.tsv.gz': { types: [], parts: 'csv' },
  '.jsonl.gz': { types: [], parts: 'jsonl' },
  '.ndjson.gz': { types: [], parts: 'jsonl' },
};

/** Extensions of the files that `readFrame` can read, each with its dot. */
export const readableExtensions: readonly string[] = Object.keys(FORMATS);

/**
 * Extensions of the files that `tableParts` can divide into parts. In a folder, `tableParts` reads the files with these
 * extensions.
 */
export const partExtensions: readonly string[] = readableExtensions.filter(
  (extension) => FORMATS[extension as TableExtension].parts !== undefined,
);

/** Returns the file format for an extension such as `.csv`, or undefined for an unknown extension. */
export const formatOf = (extension: string): TableFormat | undefined =>
  Object.hasOwn(FORMATS, extension) ? FORMATS[extension as TableExtension] : undefined;

/** Returns the file extension for an HTTP content type such as `text/csv`, or undefined for an unknown content type. */
export const extensionOfType = (type: string): string | undefined =>
  readableExtensions.find((extension) => formatOf(extension)!.types.includes(type));

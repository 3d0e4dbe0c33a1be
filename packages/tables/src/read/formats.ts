/** How a file is divided into parts: see `PART_READERS`. */
export type PartKind = 'parquet' | 'csv' | 'npy';

/** A file format of tables. */
export interface TableFormat {
  /** Content types of an HTTP response that contains such a file. */
  readonly types: readonly string[];
  /** How a file is divided into parts. Left out for a format that can only be read as a whole. */
  readonly parts?: PartKind;
}

/** Extension of a file with a table. */
export type TableExtension = '.csv' | '.tsv' | '.npy' | '.parquet';

/**
 * The file formats of tables by extension. All lists of formats, in code and in READMEs, follow from this record. The
 * readers are in a separate file, raw-file.ts, because a web page reads only CSV and TSV.
 */
export const FORMATS: Readonly<Record<TableExtension, TableFormat>> = {
  '.csv': { types: ['text/csv', 'application/csv', 'text/plain'], parts: 'csv' },
  '.tsv': { types: ['text/tab-separated-values'], parts: 'csv' },
  '.npy': { types: [], parts: 'npy' },
  '.parquet': { types: ['application/vnd.apache.parquet'], parts: 'parquet' },
};

/** Extensions that `readFrame` reads, each with its dot. */
export const readableExtensions: readonly string[] = Object.keys(FORMATS);

/**
 * Extensions of the files that `tableParts` divides. In a folder, `tableParts` finds the files with these extensions.
 */
export const partExtensions: readonly string[] = readableExtensions.filter(
  (extension) => FORMATS[extension as TableExtension].parts !== undefined,
);

/** Returns the format of a file with this extension, or undefined for an unknown extension. */
export const formatOf = (extension: string): TableFormat | undefined =>
  Object.hasOwn(FORMATS, extension) ? FORMATS[extension as TableExtension] : undefined;

/** Returns the extension of a file with this content type, or undefined for an unknown type. */
export const extensionOfType = (type: string): string | undefined =>
  readableExtensions.find((extension) => formatOf(extension)!.types.includes(type));

import { FlowError, shown } from '@impflow/core';
import { extensionOf, isPacked } from '../frame/extension.ts';
import { listed, shortened } from '../frame/printable.ts';
import { formatOf, partExtensions, type PartKind } from '../read/formats.ts';
import type { FileParts } from './file-parts.ts';
import { openSource } from './open-source.ts';
import { PART_READERS } from './part-readers.ts';
import type { PartsOptions } from './parts-options.ts';
import { tableFiles } from './table-files.ts';
import type { TablePart, TableParts } from './table-part.ts';
import { unpackedSource } from './unpacked-source.ts';
import { pathOf } from './url-source.ts';

const AT = 'tables/tableParts';

/**
 * Divides a table of any size into parts (ranges of rows). {@link readTablePart} reads one part. `source` is a file
 * with an extension in `partExtensions`, the `http:` or `https:` URL of such a file, a folder of such files, a pattern
 * such as `data/day-*.csv`, or a list of these. The files of a folder or a pattern are sorted by name. Hidden files and
 * subfolders are ignored. All files must have the same column names.
 *
 * @remarks Equal files and options give equal parts. The function needs memory for only one part. Of Parquet and NumPy
 * files, only the metadata are read. Row groups of a Parquet file are joined or divided into parts of at most
 * `partRows` rows. A CSV file is read once, also from a URL. This pass finds the line breaks within quotes, the decimal
 * sign, and the columns with text. The pass takes about six seconds per GB, or 25 seconds per GB if each line has
 * quotes. JSON lines are read and parsed once. A file that is packed by gzip is unpacked twice, because the length of
 * its text must be known first. The server of a URL must support requests for ranges of bytes.
 * @throws `input` for a file that cannot be read, that does not match its extension, that has no rows, or whose columns
 * differ from the columns of the first file; `option` for wrong sizes of parts, and if separator and decimal sign are
 * both commas.
 */
export const tableParts = async (
  source: string | readonly string[],
  options: PartsOptions = {},
): Promise<TableParts> => {
  for (const name of ['partBytes', 'partRows'] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new FlowError('option', AT, `Wrong ${name}`, { expected: 'a whole number from 1 on', got: shown(value) });
  }
  const files = await tableFiles(AT, source);
  let columns: readonly string[] | undefined;
  let bytes = 0;
  const parts: TablePart[] = [];
  const remarks: string[] = [];
  for (const file of files) {
    const found = await partsOf(file, options);
    columns ??= found.columns;
    assertSameColumns(files[0]!, columns, file, found.columns);
    bytes += found.size;
    for (const part of found.parts) if (part.rows > 0) parts.push(part);
    // A remark about a later file is left out if the first file has an identical remark.
    const [first] = files;
    const said = (remark: string): string => remark.replaceAll(file, first!);
    remarks.push(...found.remarks.filter((remark) => !remarks.includes(said(remark))));
  }
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows === 0)
    throw new FlowError('input', AT, `No rows in ${files.length === 1 ? files[0] : `any of ${files.length} files`}`, {
      expected: 'at least 1',
      got: `the columns ${listed(columns!)} and no row`,
      hint: 'Check the export.',
    });
  return { parts, columns: columns!, bytes, rows, remarks, files };
};

const partsOf = async (
  file: string,
  options: PartsOptions,
): Promise<FileParts & { readonly parts: readonly TablePart[]; readonly size: number }> => {
  const { find } = PART_READERS[kindOf(file)];
  const source = await openSource(AT, file);
  try {
    const { size } = source;
    const found = await find(isPacked(pathOf(file)) ? await unpackedSource(source) : source, options);
    return { ...found, parts: found.parts.map((part) => ({ ...part, size })), size };
  } finally {
    await source.close();
  }
};

const kindOf = (file: string): PartKind => {
  const extension = extensionOf(pathOf(file));
  const format = formatOf(extension);
  if (format?.parts !== undefined) return format.parts;
  const what = format === undefined ? 'Unknown kind of file' : 'No parts in this kind of file:';
  throw new FlowError('input', AT, `${what} ${file}`, {
    expected: `one of ${partExtensions.join(', ')}`,
    got: extension === '' ? 'no extension' : `"${extension}"`,
    hint: 'Convert the table to one of these.',
  });
};

const assertSameColumns = (
  first: string,
  expected: readonly string[],
  file: string,
  columns: readonly string[],
): void => {
  const twice = columns.find((name, j) => columns.indexOf(name) !== j);
  if (twice !== undefined)
    throw new FlowError('input', AT, `Two columns of ${file} have the same name`, {
      expected: 'different names',
      got: `"${shortened(twice)}" twice`,
      hint: 'Rename one.',
    });
  const [missing, other] = [
    expected.filter((name) => !columns.includes(name)),
    columns.filter((name) => !expected.includes(name)),
  ];
  if (missing.length + other.length === 0) return;
  throw new FlowError('input', AT, `The columns of ${file} differ from the columns of the first file`, {
    expected: `the columns of ${first}, ${listed(expected)}`,
    got: [
      ...(missing.length > 0 ? [`no columns named ${listed(missing)}`] : []),
      ...(other.length > 0 ? [`additional columns ${listed(other)}`] : []),
    ].join(', '),
    hint: 'Choose files of one table.',
  });
};

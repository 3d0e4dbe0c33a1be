import type { DataPlace, TableContents } from '../checkpoint/contents.ts';
import { placeOf } from '../read-table.ts';
import { columnTypes } from '../rows/rows-of-frame.ts';
import type { AnyRow, Rows } from '../rows/rows.ts';
import { rowCount } from '../table/part.ts';
import type { Sampler, TableSource } from '../table/source.ts';
import type { TableParts } from '../table/split.ts';
import type { FitTableOptions } from './options.ts';

/**
 * Returns all contents of a checkpoint except the options: the location of the rows, the program and backend that ran
 * the training, and the provenance of the model.
 */
export const contentsOf = (
  rows: Rows<AnyRow> | Sampler,
  source: TableSource | undefined,
  parts: TableParts,
  { place, provenance, program, resume, validation, test }: FitTableOptions,
): Omit<TableContents, 'options'> => {
  if (resume !== undefined) {
    const { options: _options, quantiles: _quantiles, report: _report, ...kept } = resume.extra as TableContents;
    return { ...kept, ...(program === undefined ? {} : { program: program() }) };
  }
  const data = place ?? placesOf({ data: rows, validation, test });
  const categories = parts.fitted.columns.flatMap(({ kind, name }) => (kind === 'category' ? [name] : []));
  const types = source === undefined ? {} : columnTypes(source.frame, categories);
  return {
    ...(data === undefined ? {} : { data }),
    ...(Object.keys(types).length === 0 ? {} : { types }),
    ...(program === undefined ? {} : { program: program() }),
    distinct: parts.distinct,
    provenance: {
      source: parts.source,
      ...(parts.hash === undefined ? {} : { hash: parts.hash }),
      rows: {
        ...(parts.sampler === undefined ? { train: rowCount(parts.complete) + rowCount(parts.withGaps) } : {}),
        validation: rowCount(parts.validation),
        test: rowCount(parts.test),
      },
      created: new Date().toISOString(),
      ...provenance,
    },
  };
};

/**
 * Returns the paths or addresses of the training, validation and test rows. Returns undefined if any given rows have no
 * path or address, because the split depends on all rows.
 */
const placesOf = (parts: Readonly<Record<keyof DataPlace, unknown>>): DataPlace | undefined => {
  const places = Object.entries(parts).flatMap(([name, rows]) =>
    rows === undefined ? [] : [[name, placeOf(rows)] as const],
  );
  return places.every(([, place]) => place !== undefined)
    ? (Object.fromEntries(places) as unknown as DataPlace)
    : undefined;
};

import { FlowError, unknownName } from '@impflow/core';
import { PLACES, type DataChoice } from '../../config.ts';
import type { DataRequest, DataView } from '../../protocol/data.ts';
import { fetchPlace, type Place } from './places.ts';
import type { Prepared } from './prepared.ts';
import type { Source } from './row-data.ts';
import { toyData } from './toy-data.ts';

export type { Prepared } from './prepared.ts';

/** Largest number of rows that the page draws. */
const SHOWN = 2000;
/** Smallest number of training rows. */
const FEWEST = 10;

/**
 * Prepares the rows of the data that the visitor has chosen. Two workers with the same choice and seed prepare the same
 * rows. If noise and size are 0, the rows equal the rows that `impflow train` uses with this seed. The held-out rows
 * are the test rows of `impflow train`; for a toy density, the first of them. As in `impflow train`, the validation rows
 * choose the best weights, so no model is judged on them.
 *
 * @throws `option` for an impossible noise or size; `registry` for an unknown name; `input` if rows are missing or too
 * few, if a column is constant, or if all rows lie on a line, so that no density exists.
 */
export const prepare = async (
  request: DataRequest,
  loadPlace: (name: string) => Promise<Place> = placeOfPage,
): Promise<Prepared> => {
  const { choice, rows, columns, colors, skipped = 0, seed } = request;
  checkChoice(choice);
  const { kind, name } = choice;
  switch (kind) {
    case 'toy':
      return toyData(choice, seed);
    case 'place': {
      if (!(PLACES as readonly string[]).includes(name)) throw unknownName('demo/prepare', 'place', name, PLACES);
      return rowData({ ...(await loadPlace(name)), name, kind }, choice, seed);
    }
    case 'drawn':
      return rowData(
        {
          name: 'drawn points',
          kind,
          columns: ['x', 'y'],
          rows: brought(rows, 'drawn points', 'Draw some.'),
          about: 'Points drawn by hand. They stay in this browser.',
        },
        choice,
        seed,
      );
    case 'table': {
      const hint = 'Open the file again.';
      if (columns === undefined)
        throw new FlowError('input', 'demo/prepare', `Unknown columns of ${name}`, {
          expected: 'the names of two columns',
          got: 'none',
          hint,
        });
      return rowData(
        {
          name,
          kind,
          columns,
          rows: brought(rows, name, hint),
          ...(colors === undefined ? {} : { colors }),
          about: `The columns ${columns[0]} and ${columns[1]} of ${name}. ${
            skipped === 0 ? '' : `${skipped === 1 ? '1 row with a gap is' : `${skipped} rows with gaps are`} left out. `
          }They stay in this browser.`,
        },
        choice,
        seed,
      );
    }
  }
};

/** Returns the part of the prepared data that the page shows. */
export const viewOf = ({
  name,
  columns,
  about,
  train,
  colors,
  heldOut,
  entropy,
  region,
  aspect,
  outline,
}: Prepared): DataView => ({
  name,
  columns,
  about,
  region,
  aspect,
  ...(outline === undefined ? {} : { outline }),
  points: (train.length > 0 ? train : heldOut).slice(0, 2 * SHOWN),
  ...(colors === undefined ? {} : { colors: { ...colors, values: colors.values.slice(0, SHOWN) } }),
  trainRows: train.length / 2,
  heldOutRows: heldOut.length / 2,
  ...(entropy === undefined ? {} : { entropy }),
});

/**
 * Loads a bundled geographic data set from the files of the page. The module with the addresses of these files is
 * loaded only when a data set is needed.
 */
const placeOfPage = async (name: string): Promise<Place> => {
  const { places } = await import('./place-files.js');
  return fetchPlace(name, places[name]!);
};

/**
 * Prepares a data set with fixed rows. The code that splits and describes tables is loaded only for such data, because
 * the first picture of the page shows a toy density.
 */
const rowData = async (source: Source, choice: DataChoice, seed: number): Promise<Prepared> =>
  (await import('./row-data.ts')).rowData(source, choice, seed);

const checkChoice = ({ noise, size }: DataChoice): void => {
  if (!(noise >= 0 && noise < Infinity))
    throw new FlowError('option', 'demo/prepare', 'Wrong noise', {
      expected: 'a standard deviation, 0 or more',
      got: String(noise),
    });
  if (!(size === 0 || (Number.isSafeInteger(size) && size >= FEWEST))) {
    throw new FlowError('option', 'demo/prepare', 'Wrong number of rows', {
      expected: `0 for all, or a whole number of at least ${FEWEST}`,
      got: String(size),
    });
  }
};

const brought = (rows: Float32Array | undefined, name: string, hint: string): Float32Array => {
  if (rows !== undefined) return rows;
  throw new FlowError('input', 'demo/prepare', `There are no rows of ${name}`, { hint });
};

import { FlowError } from '@impflow/core';
import { isAtLimit, type ColumnMap } from '@impflow/flows';
import { isDateNumber } from '../columns/dates.ts';
import { layoutOf } from '../columns/layout.ts';
import type { NumberColumn, RecordsSpec } from '../columns/spec.ts';
import type { Values } from '../columns/values.ts';

/**
 * Largest temperature of draws. At ten times the standard deviation of the base, draws have left the data by far, and
 * columns with a logarithmic map begin to overflow.
 */
const MOST_TEMPERATURE = 10;

/**
 * Checks the temperature of draws.
 *
 * @param at Name of the calling function, for the message.
 * @throws `option` for a temperature that is not above 0 and at most 10.
 */
export const assertTemperature = (temperature: number, at: string): void => {
  if (temperature > 0 && temperature <= MOST_TEMPERATURE) return;
  throw new FlowError('option', at, 'Wrong value of the option temperature', {
    expected: `a number above 0 and at most ${MOST_TEMPERATURE}`,
    got: String(temperature),
    hint: 'Values between 0.5 and 2 are usual; 1 draws from the model.',
  });
};

/**
 * Checks that no drawn number has overflowed: that it is finite, not at the limit of the map of its column, and, for a
 * date, in the range of dates.
 *
 * @throws `option` if the temperature is above 1, and otherwise `convergence`. The message names the first column.
 */
export const assertDrawn = ({ rows, columns }: Values, spec: RecordsSpec, temperature = 1): void => {
  const maps = mapsOf(spec);
  const checks = layoutOf(spec).numbers.map((j, i) => ({
    values: columns[j]!,
    column: spec.columns[j] as NumberColumn,
    overflows: overflowOf(spec.columns[j] as NumberColumn, maps?.[i]),
  }));
  const failed = Array.from({ length: rows }, (_, row) =>
    checks.find(({ values, overflows }) => overflows(values[row]!)),
  );
  const first = failed.findIndex((check) => check !== undefined);
  if (first < 0) return;
  const { column, values } = failed[first]!;
  throw new FlowError(
    temperature > 1 ? 'option' : 'convergence',
    'tables/sample',
    `Draws overflow in ${failed.filter((check) => check !== undefined).length} of ${rows} rows`,
    {
      expected: `${column.date === undefined ? 'finite numbers' : 'dates in the years -271821 to 275760'} in the column "${column.name}"`,
      got: String(values[first]! + (column.offset ?? 0)),
      hint: temperature > 1 ? 'Lower the option temperature.' : 'Train longer, or give the option base another value.',
    },
  );
};

const mapsOf = ({ flow }: RecordsSpec): readonly ColumnMap[] | undefined => {
  const [first] = flow.blocks;
  return first?.kind === 'columnMaps' ? first.maps : undefined;
};

const overflowOf = ({ offset = 0, date }: NumberColumn, map: ColumnMap | undefined): ((value: number) => boolean) => {
  const isAtEnd = map === undefined ? undefined : isAtLimit(map);
  return (value) =>
    !Number.isFinite(value) || isAtEnd?.(value) === true || (date !== undefined && !isDateNumber(value + offset, date));
};

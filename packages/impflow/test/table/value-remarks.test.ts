import { frameOf, planColumns, type PlanOptions } from '@impflow/tables';
import { expect, it } from 'vitest';
import { valueRemarks } from '../../src/table/value-remarks.ts';

const rows = 400;
const told = (
  cell: (row: number) => Readonly<Record<string, number | string>>,
  options: PlanOptions = {},
): readonly string[] => {
  const frame = frameOf(
    Array.from({ length: rows }, (_, row) => cell(row)),
    'made',
  );
  return valueRemarks(planColumns(frame, options), frame);
};

it('whole numbers of the years 1990 to 2040 in seconds, milliseconds, microseconds or nanoseconds look like times', () => {
  for (const [unit, scale] of [
    ['seconds', 1],
    ['milliseconds', 1e3],
    ['microseconds', 1e6],
    ['nanoseconds', 1e9],
  ] as const) {
    const t = (row: number): number => (1_717_200_020 + 3600 * row) * scale;
    expect(told((row) => ({ t: t(row) }))).toEqual([
      `t: the numbers look like ${unit} since 1970: ${t(0)} would be 2024-06-01T00:00:20Z. They are read as numbers. To read dates, write them as in 2024-06-01T00:00:20Z.`,
    ]);
  }
  expect(told((row) => ({ t: row === 7 ? 5 : 1_717_200_020 + row }))).toEqual([]);
  expect(told((row) => ({ t: 1_717_200_020.5 + row }))).toEqual([]);
});

it('one remark names the columns of few values that are not equally far apart', () => {
  expect(
    told((row) => ({
      status: [200, 201, 304, 404, 500][row % 5]!,
      rate: [2.6, 3.8, 8.1][row % 3]!,
      stars: row % 5,
      minutes: 15 * (row % 4),
      flag: row % 2,
      size: Math.sqrt(row),
    })),
  ).toEqual([
    'The columns "status" (200, 201, 304, 404, 500), "rate" (2.600, 3.800, 8.100) have few values, which are read as numbers. If they are codes, name the columns in the option categorical.',
  ]);
  const options = { categorical: ['status'] };
  expect(told((row) => ({ status: [200, 404, 500][row % 3]!, x: Math.sqrt(row) }), options)).toEqual([]);
});

it('a remark names columns of directions that fill a turn', () => {
  const turn = (row: number): number => (row * 7) % 360;
  expect(
    told((row) => ({ wind_dir: turn(row), heading: turn(row) - 180, angle: turn(row), course: turn(row) / 2 })),
  ).toEqual([
    'wind_dir: the numbers fill a turn from 0 to 359, but they are not read as a circle. If they are directions in degrees, set the option periodic to wind_dir:360.',
    'heading: the numbers fill a turn from -180 to 179, but they are not read as a circle. If they are directions in degrees, set the option periodic to heading:360.',
  ]);
  expect(told((row) => ({ angle: `${turn(row)}°` }))[0]).toMatch(/^angle: .* set the option periodic to angle:360\.$/);
  expect(told((row) => ({ wind_dir: turn(row) }), { periodic: { wind_dir: 360 } })).toEqual([]);
  expect(told((row) => ({ directory: turn(row) }))).toEqual([]);
});

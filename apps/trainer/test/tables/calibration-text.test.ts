import { key, uniforms } from '@impflow/core';
import { expect, it } from 'vitest';
import { calibrationText, calibrationVerdict } from '../../src/tables/calibration-text.ts';

it('a share has its standard error and as many decimals as its rows can tell, and is marked if it is off by more than chance explains', () => {
  const lineOf = (inside50: number, inside90: number, rows: number): string =>
    calibrationText([{ column: 'a', inside50, inside90 }], rows)
      .split('\n')[1]!
      .replaceAll(/ {2,}/g, '  ');
  // Standard errors for 33 rows: sqrt(0.25 / 33) = 0.087 and sqrt(0.09 / 33) = 0.052.
  // The bound for 2 shares is 2.72 of them.
  expect(lineOf(8 / 33, 31 / 33, 33)).toBe('a  0.24 ± 0.09 low  0.94 ± 0.05');
  expect(lineOf(22 / 33, 24 / 33, 33)).toBe('a  0.67 ± 0.09  0.73 ± 0.05 low');
  expect(lineOf(10 / 33, 26 / 33, 33)).toBe('a  0.30 ± 0.09  0.79 ± 0.05');
  // The error of the quantiles of 4,096 draws adds up with the error of 10,000 rows.
  expect(lineOf(0.525, 0.9, 10_000)).toBe('a  0.525 ± 0.009  0.900 ± 0.006');
  expect(lineOf(0.526, 0.9, 10_000)).toBe('a  0.526 ± 0.009 high  0.900 ± 0.006');
});

it('the verdict names the shares that are off by more than chance explains, the worst first', () => {
  const columns = (shares: readonly (readonly [number, number])[]) =>
    shares.map(([inside50, inside90], i) => ({ column: 'abcdef'[i]!, inside50, inside90 }));
  // For 400 rows and 4,096 draws the standard errors are 0.026 and 0.016, and the bound for 4 shares is 2.96 of them.
  expect(
    calibrationVerdict(
      columns([
        [0.56, 0.87],
        [0.5, 0.94],
      ]),
      400,
    ),
  ).toBe(
    'The central intervals of single columns hold about as many rows as they should: no share is off by more than chance explains.',
  );
  expect(
    calibrationVerdict(
      columns([
        [0.5, 0.7],
        [0.61, 0.9],
      ]),
      400,
    ),
  ).toBe(
    'The central intervals of the model hold too few rows of "a" (0.70 in the central 90 %), too many rows of "b" (0.61 in the central 50 %), by more than chance explains.',
  );
  expect(calibrationVerdict(columns(Array.from({ length: 3 }, () => [0.1, 0.1] as const)), 400)).toMatch(
    /"c" \(0\.10 in the central 90 %\), and 3 more wrong shares, by more/,
  );
  expect(calibrationVerdict([], 400)).toBe('');
});

it('the verdict of a calibrated model names a share in at most five of a hundred cases', () => {
  const [rows, columns, cases] = [200, 6, 400];
  let named = 0;
  for (let i = 0; i < cases; i++) {
    const places = uniforms(key(i), rows * columns);
    const calibration = Array.from({ length: columns }, (_, j) => {
      const inside = (level: number): number =>
        places.subarray(j * rows, (j + 1) * rows).filter((u) => Math.abs(u - 0.5) < level / 2).length / rows;
      return { column: `x${j}`, inside50: inside(0.5), inside90: inside(0.9) };
    });
    if (calibrationVerdict(calibration, rows).includes(' too ')) named++;
  }
  expect(named / cases).toBeLessThan(0.05);
});

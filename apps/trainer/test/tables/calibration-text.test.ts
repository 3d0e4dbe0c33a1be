import { expect, it } from 'vitest';
import { calibrationText } from '../../src/tables/calibration-text.ts';

it('a share has its standard error and as many decimals as its rows can tell, and is marked if it is wrong by more than two errors', () => {
  const lineOf = (inside50: number, inside90: number, rows: number): string =>
    calibrationText([{ column: 'a', inside50, inside90 }], rows)
      .split('\n')[1]!
      .replaceAll(/ {2,}/g, '  ');
  // Standard errors for 33 rows: sqrt(0.25 / 33) = 0.087 and sqrt(0.09 / 33) = 0.052.
  expect(lineOf(10 / 33, 31 / 33, 33)).toBe('a  0.30 ± 0.09 low  0.94 ± 0.05');
  expect(lineOf(22 / 33, 26 / 33, 33)).toBe('a  0.67 ± 0.09  0.79 ± 0.05 low');
  // The error of the quantiles of 4,096 draws adds up with the error of 10,000 rows.
  expect(lineOf(0.518, 0.9, 10_000)).toBe('a  0.518 ± 0.009  0.900 ± 0.006');
  expect(lineOf(0.525, 0.9, 10_000)).toBe('a  0.525 ± 0.009 high  0.900 ± 0.006');
});

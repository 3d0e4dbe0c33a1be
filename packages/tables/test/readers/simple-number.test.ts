import { bits, fold, key } from '@impflow/core';
import { expect, it } from 'vitest';
import { keptCell } from '../../src/frame/cells.ts';
import { isPlain, simpleNumber } from '../../src/frame/simple-number.ts';

const PIECES = ['0', '0', '0', '1', '5', '9', '73', '90210', '.', ',', '-', '+', 'e', '12345678', '33333333'];

it('simpleNumber returns NaN or the number that Number returns', () => {
  let [numbers, plain] = [0, 0];
  const wrong: string[] = [];
  for (let round = 0; round < 20_000; round++) {
    const words = bits(fold(key(3), round), 1 + (round % 9));
    const cell = Array.from(words, (word) => PIECES[word % PIECES.length]).join('');
    for (const decimal of ['.', ','] as const) {
      const value = simpleNumber(cell, decimal);
      if (Number.isNaN(value)) continue;
      numbers++;
      const pattern = decimal === '.' ? /^[+-]?(\d+\.?\d*|\.\d+)$/ : /^[+-]?(\d+,?\d*|,\d+)$/;
      if (!pattern.test(cell) || !Object.is(value, Number(cell.replace(',', '.')))) wrong.push(cell);
      if (decimal === ',') continue;
      const isWritten = String(value) === cell;
      if (isPlain(cell, value)) plain++;
      if (isPlain(cell, value) !== isWritten && Math.abs(value) >= 1e-6) wrong.push(cell);
      if (keptCell(cell, value) !== (isWritten ? undefined : cell)) wrong.push(cell);
    }
  }
  expect(wrong).toEqual([]);
  expect(numbers).toBeGreaterThan(8000);
  expect(plain).toBeGreaterThan(500);
});

it('simpleNumber reads 15 digits exactly, with the decimal point at any position', () => {
  for (let round = 0; round < 5_000; round++) {
    const [a, b, place] = bits(fold(key(4), round), 3);
    const digits = `${a! % 1e7}${b! % 1e8}`.padEnd(15, '7').slice(0, 15);
    const cell = `${digits.slice(0, place! % 16)}.${digits.slice(place! % 16)}`;
    expect(simpleNumber(cell, '.'), cell).toBe(Number(cell));
  }
});

it('simpleNumber returns NaN for cells with spaces, exponents or more than 15 digits', () => {
  for (const cell of ['', '-', '+', '.', '1.2.3', '1 ', ' 1', '1e5', '0x10', 'Infinity', '1234567890123456', 'é', '１'])
    expect(simpleNumber(cell, '.'), cell).toBeNaN();
});

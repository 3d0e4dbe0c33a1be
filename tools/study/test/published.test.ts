// Tests the program published.py on generated files that have the layout of the five published tables. Needs `npm run
// setup:study`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { studyPython } from '../python.mjs';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe.skipIf(!studyPython.ready())(
  'published.py (skipped if the Python environment of the study, 6 GB, is not installed)',
  () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'impflow-published-'));
      execFileSync(studyPython.command, [here('made-up.py'), join(folder, 'given')]);
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    /** Returns the training, validation and test rows of a table. */
    const partsOf = (name: string): readonly (readonly (readonly number[])[])[] => {
      execFileSync(studyPython.command, [here('../published.py'), name, join(folder, 'given'), join(folder, name)]);
      return ['train', 'validation', 'test'].map((part) =>
        readFileSync(join(folder, name, `${part}.csv`), 'utf8')
          .trim()
          .split('\n')
          .slice(1)
          .map((line) => line.split(',').map(Number)),
      );
    };
    const column = (rows: readonly (readonly number[])[], j: number): readonly number[] => rows.map((row) => row[j]!);
    const moments = (values: readonly number[]): readonly [number, number] => {
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      return [mean, Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)];
    };

    it.each([
      ['power', [810, 90, 100], 6],
      ['gas', [324, 36, 40], 3],
      ['miniboone', [243, 27, 30], 5],
      ['bsds300', [50, 20, 30], 63],
    ])('the table %s has the numbers of rows and columns of the paper', (name, rows, columns) => {
      const parts = partsOf(name);
      expect(parts.map((part) => part.length)).toEqual(rows);
      expect(new Set(parts.flat().map((row) => row.length))).toEqual(new Set([columns]));
    });

    it('the tables `power` and `miniboone` are standardized by their training and validation rows', () => {
      for (const name of ['power', 'miniboone']) {
        const [train, validation] = partsOf(name) as [number[][], number[][]];
        for (let j = 0; j < train[0]!.length; j++) {
          const [mean, deviation] = moments(column([...train, ...validation], j));
          expect(Math.abs(mean)).toBeLessThan(1e-6);
          expect(deviation).toBeCloseTo(1, 6);
        }
      }
    });

    it('the table `power` has noise in all columns except the time', () => {
      const [train] = partsOf('power') as [number[][]];
      const different = (j: number): number => new Set(column(train, j)).size;
      // A few values of the noise are equal, because they are rounded to float32.
      for (const j of [0, 1, 2, 3, 4]) expect(different(j)).toBeGreaterThan(790);
      expect(different(5)).toBeLessThanOrEqual(100);
    });

    it('the table `hepmass` has only signals, no column of few values, and no additional column in the test rows', () => {
      const [train, validation, test] = partsOf('hepmass') as [number[][], number[][], number[][]];
      expect(new Set([...train, ...validation, ...test].map((row) => row.length))).toEqual(new Set([2]));
      const signals = train.length + validation.length;
      expect(signals).toBeGreaterThan(240);
      expect(signals).toBeLessThan(360);
      expect(validation.length).toBe(Math.floor(0.1 * signals));
      const [mean, deviation] = moments(column([...train, ...validation], 0));
      expect(Math.abs(mean)).toBeLessThan(1e-6);
      expect(deviation).toBeCloseTo(Math.sqrt((signals - 1) / signals), 6);
    });
  },
);

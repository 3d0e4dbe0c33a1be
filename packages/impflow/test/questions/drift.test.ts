import { fold, key, normals, uniforms } from '@impflow/core';
import { fit, load, type AnyRow, type Drift, type DriftOptions, type Model } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { ALL } from '../../../testkit/private/extent.mjs';

interface Change {
  readonly mean?: number;
  readonly spread?: number;
  readonly correlation?: number;
  readonly rare?: number;
  readonly gaps?: number;
}

/** Rows of two correlated numbers, a number with gaps, and a category with a rare level. */
const rowsOf = (
  count: number,
  seed: number,
  { mean = 0, spread = 1, correlation = 0.7, rare = 0.03, gaps = 0.05 }: Change = {},
): AnyRow[] => {
  const z = normals(fold(key(seed), 0), 3 * count);
  const u = uniforms(fold(key(seed), 1), 2 * count);
  return Array.from({ length: count }, (_, i) => {
    const [a, other, c] = [z[3 * i]!, z[3 * i + 1]!, z[3 * i + 2]!];
    return {
      height: a + mean,
      weight: spread * (correlation * a + Math.sqrt(1 - correlation ** 2) * other),
      speed: u[2 * i]! < gaps ? null : c,
      kind: u[2 * i + 1]! < rare ? 'rare' : u[2 * i + 1]! < 0.6 ? 'x' : 'y',
    };
  });
};

let model: Model;
const reference = rowsOf(800, 2);
const drift = (rows: AnyRow[], options: DriftOptions<AnyRow> = {}): Promise<Drift> =>
  model.drift(rows, { reference, alpha: 0.01, ...options });

beforeAll(async () => {
  model = await fit(rowsOf(2000, 1), { steps: 10, workers: 1, hidden: [8], blocks: 1, missing: 'drop' });
}, 120_000);

describe('the rate of false alarms', () => {
  it('is at most alpha, for reference rows and new rows of one distribution', async () => {
    const pairs = ALL ? 200 : 20;
    const found: Drift[] = [];
    for (let pair = 0; pair < pairs; pair++)
      found.push(await drift(rowsOf(150, 1001 + 2 * pair), { reference: rowsOf(150, 1000 + 2 * pair), alpha: 0.1 }));
    const [share, stream] = [
      found.filter(({ drifted }) => drifted).length / pairs,
      found.filter(({ stream: { alarm } }) => alarm !== undefined).length / pairs,
    ];
    console.log(`false alarms at 0.1: ${share}, in streams ${stream}`);
    // Three standard errors: exceeded once in 700 times.
    const most = 0.1 + 3 * Math.sqrt((0.1 * 0.9) / pairs);
    expect(share).toBeLessThan(most);
    expect(stream).toBeLessThan(most);
    // p-values that are too large would also keep the rate.
    expect(found.filter(({ pValue }) => pValue <= 0.8).length / pairs).toBeGreaterThan(0.4);
  }, 300_000);
});

describe('the cause', () => {
  it.each([
    ['the mean of a column', { mean: 0.6 }, ['height'], 'the level rose'],
    ['the spread of a column', { spread: 1.6 }, ['weight'], 'the spread grew'],
    ['the share of a rare category', { rare: 0.12 }, ['kind'], 'the share of "rare" grew'],
    ['the rate of gaps', { gaps: 0.2 }, ['speed'], 'the share of gaps grew'],
  ] as const)('is found for a shift of %s', async (_what, change, [column], words) => {
    const { drifted, columns, pairs, because, stream } = await drift(rowsOf(800, 3, change));
    expect(drifted).toBe(true);
    expect(columns[0]!.column).toBe(column);
    expect(columns[0]!.change).toBe(words);
    expect(columns[0]!.pValue).toBeLessThanOrEqual(0.01);
    // The relations of the columns did not change.
    expect(pairs[0]!.pValue).toBeGreaterThan(0.001);
    expect(because).toContain(`Cause: ${column}: ${words}`);
    expect(stream.alarm).toBeLessThan(800);
  });

  it('is a pair of columns if only their correlation changed', async () => {
    const { drifted, columns, pairs, because, nats } = await drift(rowsOf(800, 4, { correlation: 0.2 }));
    expect(drifted).toBe(true);
    expect(columns.every(({ pValue }) => pValue > 0.01)).toBe(true);
    expect(pairs[0]).toMatchObject({ columns: ['height', 'weight'], measure: 'correlation' });
    expect(pairs[0]!.reference).toBeCloseTo(0.7, 1);
    expect(pairs[0]!.now).toBeCloseTo(0.2, 1);
    expect(because).toContain('the relation of height and weight changed (correlation 0.');
    // By a closed form, the two columns cost 0.64 nats more: the model has the conditional variance 1 - 0.49, and the
    // squared distance from its conditional mean is 1 - 0.49 + 2 * 0.7 * 0.5. The draws of a cell cost nothing more.
    const expected = (0.7 * 0.5) / (1 - 0.49);
    expect(Math.abs(nats.difference - expected)).toBeLessThan(3 * nats.standardError + 0.1);
    for (const name of ['height', 'weight']) {
      const { nats: cost, standardError } = columns.find(({ column }) => column === name)!;
      expect(Math.abs(cost - expected)).toBeLessThan(3 * standardError + 0.1);
    }
    expect(columns.find(({ column }) => column === 'speed')!.natsPValue).toBeGreaterThan(0.001);
  });
});

describe('a model with conditions', () => {
  it('compares the conditions too, which have no cost', async () => {
    const conditional = await fit(rowsOf(1000, 11), {
      given: ['height', 'kind'],
      steps: 2,
      workers: 1,
      hidden: [4],
      blocks: 1,
      missing: 'drop',
    });
    const same = await conditional.drift(rowsOf(400, 12), { reference });
    expect(same.drifted).toBe(false);
    const { drifted, columns } = await conditional.drift(rowsOf(400, 13, { mean: 0.6 }), { reference });
    expect(drifted).toBe(true);
    expect(columns[0]!.column).toBe('height');
    expect(columns[0]!.nats).toBeNaN();
    expect(columns.find(({ column }) => column === 'weight')!.nats).not.toBeNaN();
    conditional.dispose();
  }, 60_000);
});

describe('rows in time', () => {
  const rows = [...rowsOf(600, 5), ...rowsOf(300, 6, { mean: 1 })];

  // In 2,000 simulated streams with this shift, the estimates of 0.4 % are 30 rows or more away from the change.
  it('finds the row of the change', async () => {
    const { stream, because } = await drift(rows);
    expect(stream.alarm).toBeGreaterThan(600);
    expect(stream.alarm).toBeLessThan(680);
    expect(Math.abs(stream.since! - 601)).toBeLessThan(30);
    expect(stream.feature).toBe('the level of height');
    expect(because).toContain('the change probably began at row');
  });

  it('has the order of a column of numbers or dates, and the test does not depend on the order', async () => {
    const day = (i: number): string => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);
    const mixed = rows.map((row, i) => ({ ...row, day: day(i), at: i })).toReversed();
    const [plain, dated, numbered] = await Promise.all([
      drift(rows),
      drift(mixed, { by: 'day' }),
      drift(mixed, { by: 'at' }),
    ]);
    for (const other of [dated, numbered]) {
      expect(other.pValue).toBe(plain.pValue);
      expect(other.tests).toEqual(plain.tests);
      expect(other.columns).toEqual(plain.columns);
      expect(other.pairs).toEqual(plain.pairs);
      // Row 601 in time is row 300 of the reversed table.
      expect(Math.abs(other.stream.since! - 300)).toBeLessThan(30);
    }
  });
});

describe('reference rows', () => {
  it('are the test rows of the training, with their gaps', async () => {
    const { counts, drifted } = await model.drift(rowsOf(200, 7));
    expect(counts.reference.all).toBe(200);
    expect(counts.reference.gaps).toBeGreaterThan(0);
    expect(drifted).toBe(false);
  });

  it('must be given if a loaded model cannot read them again', async () => {
    const again = await load(model.toBytes());
    await expect(again.drift(rowsOf(200, 7))).rejects.toThrow(
      /The test rows of the training cannot be read again.*Give rows that the model was not trained on as the option reference/,
    );
    const { pValue } = await again.drift(rowsOf(200, 7), { reference });
    expect(pValue).toBe((await model.drift(rowsOf(200, 7), { reference })).pValue);
    again.dispose();
  });
});

describe('wrong calls', () => {
  const rows = rowsOf(50, 8);
  it.each([
    ['alpha', { alpha: 1 }, 'option alpha: expected a number from 0.00125 to 1, got 1'],
    ['seed', { seed: -1 }, 'option seed: expected a whole number of at least 0, got -1'],
    ['an unknown option', { rate: 0.1 }, 'Unknown option: expected one of reference, by, alpha, seed, got "rate"'],
    ['a missing column of by', { by: 'day' }, 'Wrong column "day" of the option by'],
    ['a column of by with gaps', { by: 'speed' }, 'got an empty cell in'],
    ['a column of by with text', { by: 'kind' }, 'expected a column with a number or a date in every row'],
    ['too few reference rows', { reference: rows.slice(0, 3) }, 'Too few reference rows: expected at least 10, got 3'],
  ])('%s', async (_what, options, message) => {
    await expect(drift(rows, options as DriftOptions<AnyRow>)).rejects.toThrow(message);
  });

  it('too few rows, and rows without a column', async () => {
    await expect(drift(rows.slice(0, 9))).rejects.toThrow('expected at least 10, got 9');
    await expect(drift(rows.map(({ height }) => ({ height })))).rejects.toThrow('weight');
  });
});

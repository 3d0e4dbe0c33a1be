import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals, uniforms } from '@impflow/core';
import { buildFlow } from '@impflow/flows';
import { readFrame, type NumberColumn, type RecordsSpec } from '@impflow/tables';
import { loadCheckpoint, restoreVariables } from '@impflow/training';
import { tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, json, temporary, within } from './harness.ts';

interface HeldOut {
  readonly nats: number;
  readonly standardError: number;
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const COLUMNS = ['age', 'rain', 'mass', 'label', 'size'] as const;

/** Independent columns: tenths, exponential draws with many zeros, multiples of 25, whole numbers, and a Gaussian. */
const rows = (seed: number, count: number): readonly (readonly number[])[] => {
  const draw = (stream: number): Float64Array => uniforms(fold(key(seed), stream), count);
  const [ages, days, sizes, masses, labels, noise] = [
    draw(0),
    draw(1),
    draw(2),
    draw(3),
    draw(4),
    normals(fold(key(seed), 5), count),
  ];
  return Array.from({ length: count }, (_, i) => [
    Number((20 + 40 * ages[i]!).toFixed(1)),
    days[i]! < 0.42 ? 0 : -5 * Math.log(sizes[i]!),
    25 * Math.floor(10 + 40 * masses[i]!),
    Math.floor(3 * labels[i]!),
    noise[i]!,
  ]);
};

let remarks: readonly string[];
let heldOut: HeldOut;
let columns: readonly NumberColumn[];

beforeAll(async () => {
  csv(at('rows.csv'), COLUMNS.join(','), rows(1, 3000));
  const outcome = await within(
    'train',
    '--data',
    at('rows.csv'),
    '--steps',
    '40',
    '--batch',
    '200',
    '--hidden',
    '16',
    '--blocks',
    '2',
    '--lr',
    '5e-3',
    '--workers',
    '1',
    '--out',
    at('run'),
    '--json',
  );
  ({ heldOut } = json<{ heldOut: HeldOut }>(outcome));
  remarks = outcome.stderr.split('\n');
  const { spec } = await loadCheckpoint(at('run/checkpoint.safetensors'));
  columns = (spec as RecordsSpec).columns as readonly NumberColumn[];
});

describe('columns whose values repeat', () => {
  it('`train` adds noise to columns whose values repeat, and reports the noise of each column', () => {
    const how = (name: string): string => remarks.find((line) => line.startsWith(`${name} `))!.split(/ {2,}/)[3]!;
    expect(COLUMNS.map(how)).toEqual([
      'in steps of 0.1',
      expect.stringMatching(/a spike at 0; 4[0-4] % are exactly 0$/),
      'in steps of 25',
      'in steps of 1',
      'as it is',
    ]);
    expect(remarks).toContainEqual(
      expect.stringContaining(
        'The training adds uniform noise, as wide as one step, to columns whose numbers are multiples',
      ),
    );
    // The expected step is a hundredth of the distance between the quartiles, 5 log 3, rounded down.
    expect(columns[1]!.resolution).toBe(0.05);
  });

  it('`inspect` prints the steps of the columns, and `evaluate` returns the results that `train` has reported', async () => {
    expect(columns.map(({ name, resolution }) => [name, resolution])).toEqual([
      ['age', 0.1],
      ['rain', 0.05],
      ['mass', 25],
      ['label', 1],
      ['size', undefined],
    ]);
    const { stdout } = await within('inspect', at('run'));
    expect(stdout).toMatch(/^age +in steps of 0\.1$/m);
    expect(stdout).toMatch(/^rain +.*a spike at 0$/m);
    expect(json<{ heldOut: HeldOut }>(await within('evaluate', at('run'), '--json')).heldOut).toEqual(heldOut);
  });

  it('columns whose values repeat have a bounded likelihood, close to the likelihood of new rows', async () => {
    csv(at('fresh.csv'), COLUMNS.join(','), rows(2, 1000));
    const fresh = json<{ heldOut: HeldOut }>(
      await within('evaluate', at('run'), '--data', at('fresh.csv'), '--json'),
    ).heldOut;
    expect(Math.abs(fresh.nats - heldOut.nats)).toBeLessThan(
      5 * Math.hypot(fresh.standardError, heldOut.standardError),
    );
  });

  it('`score` uses the middle of the interval that the noise covers, and the value itself beside a spike', async () => {
    const values = [
      [30.5, 0, 500, 1, 0.3],
      [41.7, 3.25, 725, 2, -1],
    ];
    csv(at('two.csv'), COLUMNS.join(','), values);
    const { logDensity } = json<{ logDensity: readonly number[] }>(
      await within('score', at('run'), at('two.csv'), '--json'),
    );
    await wasm().start();
    const { spec, tensors } = await loadCheckpoint(at('run/checkpoint.safetensors'));
    const flow = buildFlow((spec as RecordsSpec).flow);
    restoreVariables(flow.parameters, tensors, 'best.parameters');
    restoreVariables(flow.buffers, tensors, 'best.buffers');
    flow.refresh({ tolerance: 1e-5 });
    const expected = flow
      .logProb(
        tensor2d(values.map((row, i) => row.map((value, j) => value + [0.05, i === 0 ? 0.025 : 0, 12.5, 0.5, 0][j]!))),
      )
      .dataSync();
    logDensity.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4));
  });

  it('`sample` draws multiples of the step in columns whose values repeat, and the spike itself', async () => {
    json(await within('sample', at('run'), '-n', '400', '--out', at('samples.csv'), '--json'));
    for (const file of [at('samples.csv'), at('run/samples.csv')]) {
      const { columns } = await readFrame(file);
      for (const [j, step] of [
        [0, 0.1],
        [2, 25],
        [3, 1],
      ] as const) {
        const { name, numbers } = columns[j]!;
        const isOnGrid = numbers.every((value) => Math.abs(value / step - Math.round(value / step)) < 1e-4);
        expect(isOnGrid, `${name} in ${file}`).toBe(true);
      }
      const rain = columns[1]!.numbers;
      expect(rain.filter((value) => value === 0).length).toBeGreaterThan(rain.length / 5);
      expect(rain.every((value) => value === 0 || value < 0 || value >= 0.05)).toBe(true);
      expect(columns[4]!.numbers.every(Number.isInteger)).toBe(false);
    }
    // In the CSV text, tenths have at most one decimal.
    expect(
      readFileSync(at('samples.csv'), 'utf8')
        .split('\n')
        .slice(1, -1)
        .every((line) => /^-?\d+(\.\d)?,/.test(line)),
    ).toBe(true);
  });

  it('`data describe` prints the resolution (step) and the atom (very frequent value) of columns whose values repeat', async () => {
    const { columns: described } = json<{ columns: readonly { readonly resolution?: number }[] }>(
      await within('data', 'describe', at('rows.csv'), '--json'),
    );
    expect(described.map(({ resolution }) => resolution)).toEqual([0.1, 0.05, 25, 1, undefined]);
    expect(described[1]).toMatchObject({ kind: 'numbers', atom: { value: 0 } });
    const { stdout } = await within('data', 'describe', at('rows.csv'));
    expect(stdout).toMatch(/resolution +atom\n/);
    expect(stdout).toMatch(/rain +numbers .*0 in 4[0-4] %/);
  });
});

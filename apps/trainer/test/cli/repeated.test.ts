import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, normals, uniforms } from '@impflow/core';
import { buildFlow, type FlowSpec } from '@impflow/flows';
import { readTable } from '@impflow/tables';
import { loadCheckpoint, restoreVariables } from '@impflow/training';
import { tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, fixture, json, temporary, within } from './harness.ts';

interface HeldOut {
  readonly nats: number;
  readonly standardError: number;
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const COLUMNS = ['age', 'rain', 'mass', 'label', 'size'] as const;

/** Independent columns: tenths, zeros among exponential draws, multiples of 25, whole numbers, a Gaussian. */
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
let width: number;

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
  remarks = outcome.stderr.split('\n').filter((line) => line.includes('so that a density exists'));
  width = (
    (await loadCheckpoint(at('run/checkpoint.safetensors'))).extra as {
      readonly dequantised: { readonly rain: number };
    }
  ).dequantised.rain;
});

describe('columns whose values repeat', () => {
  it('get noise that the remarks report, one line for each kind', () => {
    expect(remarks).toEqual([
      'Whole numbers in label: uniform noise in [0, 1) added, so that a density exists.',
      'Values in age repeat (multiples of 0.1): uniform noise in [0, 0.1) added, so that a density exists.',
      'Values in mass repeat (multiples of 25): uniform noise in [0, 25) added, so that a density exists.',
      expect.stringMatching(
        new RegExp(
          `^4[0-4] % of the rows of rain are exactly 0: uniform noise in \\[0, ${width}\\) added, so that a density exists\\.$`,
        ),
      ),
    ]);
    // A hundredth of the distance between the quartiles, 5 log 3, rounded down.
    expect(width).toBe(0.05);
  });

  it('are stored for inspect, and for evaluate, which repeats the figures', async () => {
    expect(json(await within('inspect', at('run'), '--json'))['dequantised']).toEqual({
      age: 0.1,
      rain: 0.05,
      mass: 25,
      label: 1,
    });
    expect((await within('inspect', at('run'))).stdout).toMatch(
      /noise added\s+age: \[0, 0\.1000\), rain: \[0, 0\.05000\), mass: \[0, 25\), label: \[0, 1\)/,
    );
    expect(json<{ heldOut: HeldOut }>(await within('evaluate', at('run'), '--json')).heldOut).toEqual(heldOut);
  });

  it('have a bounded likelihood, close to that of new rows', async () => {
    csv(at('fresh.csv'), COLUMNS.join(','), rows(2, 1000));
    const fresh = json<{ heldOut: HeldOut }>(
      await within('evaluate', at('run'), '--data', at('fresh.csv'), '--json'),
    ).heldOut;
    expect(Math.abs(fresh.nats - heldOut.nats)).toBeLessThan(
      5 * Math.hypot(fresh.standardError, heldOut.standardError),
    );
  });

  it('are scored at the middle of what a value stands for', async () => {
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
    const flow = buildFlow(spec as FlowSpec);
    restoreVariables(flow.parameters, tensors, 'best.parameters');
    restoreVariables(flow.buffers, tensors, 'best.buffers');
    flow.refresh({ tolerance: 1e-5 });
    const expected = flow
      .logProb(tensor2d(values.map((row) => row.map((value, j) => value + [0.05, 0.025, 12.5, 0.5, 0][j]!))))
      .dataSync();
    logDensity.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4));
  });

  it('are sampled on their grid', async () => {
    json(await within('sample', at('run'), '-n', '400', '--out', at('samples.csv'), '--json'));
    for (const file of [at('samples.csv'), at('run/samples.csv')]) {
      const { values } = await readTable(file);
      for (const [j, step] of [0.1, 0.05, 25, 1].entries()) {
        expect(
          values
            .filter((_, i) => i % 5 === j)
            .every((value) => Math.abs(value / step - Math.round(value / step)) < 1e-4),
          `${COLUMNS[j]} in ${file}`,
        ).toBe(true);
      }
      expect(values.filter((_, i) => i % 5 === 4).every((value) => Number.isInteger(value))).toBe(false);
    }
    // Tenths have one decimal in the text too.
    expect(
      readFileSync(at('samples.csv'), 'utf8')
        .split('\n')
        .slice(1, -1)
        .every((line) => /^-?\d+(\.\d)?,/.test(line)),
    ).toBe(true);
  });

  it('are described with their resolution and their atom', async () => {
    const { columns } = json<{ columns: readonly object[] }>(
      await within('data', 'describe', at('rows.csv'), '--json'),
    );
    expect(columns).toMatchObject([
      { kind: 'grid', resolution: 0.1 },
      { kind: 'atoms', resolution: 0.05, atom: { value: 0 } },
      { kind: 'integer', resolution: 25 },
      { kind: 'integer', resolution: 1 },
      { kind: 'continuous' },
    ]);
    const { stdout } = await within('data', 'describe', at('rows.csv'));
    expect(stdout).toMatch(/distinct +resolution +atom\n/);
    expect(stdout).toMatch(/rain +atoms .*0 in 4[0-4] %/);
  });
});

describe('a checkpoint of an earlier version, which lists only columns of whole numbers', () => {
  const checkpoint = fixture('checkpoints/tabular-roulette.safetensors');

  it('is evaluated with noise in [0, 1) in these, and without noise in columns of tenths', async () => {
    const { extra } = await loadCheckpoint(checkpoint);
    const { quantiles, dequantised } = extra as {
      readonly quantiles: readonly number[];
      readonly dequantised: unknown;
    };
    expect(dequantised).toEqual(['power (hp)']);
    expect(json(await within('inspect', checkpoint, '--json'))['dequantised']).toEqual({ 'power (hp)': 1 });
    const {
      heldOut: { nats },
    } = json<{ heldOut: HeldOut }>(await within('evaluate', checkpoint, '--json'));
    // The mean log-density of the test rows, from the quantiles that the run stored. The estimator draws new probes.
    const mean = quantiles.reduce((sum, value) => sum + value, 0) / quantiles.length;
    expect(Math.abs(-nats - mean)).toBeLessThan(0.2);
  });
});

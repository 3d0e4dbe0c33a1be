import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wasm } from '@impflow/backend-wasm';
import { buildFlow, type FlowSpec, type NormalizingFlow } from '@impflow/flows';
import { loadCheckpoint, restoreVariables } from '@impflow/training';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { encode as png } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { csv, fixture, json, temporary, within } from './harness.ts';

/** Results of the version that wrote a checkpoint, for some rows or images: see the README of the fixtures. */
interface Recorded {
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly number[])[];
  /** Gray levels in base64. */
  readonly images?: readonly string[];
  readonly score: readonly number[];
  readonly logProb: readonly number[];
  readonly encode: readonly (readonly number[])[];
}

const folder = temporary();

const levels = (image: string): Uint8Array => new Uint8Array(Buffer.from(image, 'base64'));

/** A file or a folder that `impflow score` reads. */
const fileOf = (name: string, { columns = [], rows = [], images }: Recorded): string => {
  if (images === undefined) return csv(join(folder, `${name}.csv`), columns.join(','), rows);
  const path = join(folder, name);
  mkdirSync(path);
  images.forEach((image, i) =>
    writeFileSync(join(path, `${i}.png`), png({ width: 28, height: 28, data: levels(image), channels: 1, depth: 8 })),
  );
  return path;
};

/** `[n, ...shape]` */
const eventsOf = ({ rows = [], images }: Recorded, { shape }: NormalizingFlow): Tensor => {
  const values =
    images === undefined ? rows.flat() : images.flatMap((image) => Array.from(levels(image), (level) => level + 0.5));
  return tensor(values, [(images ?? rows).length, ...shape]);
};

/** The largest difference, relative for numbers above 1. */
const difference = (values: ArrayLike<number>, recorded: readonly number[]): number =>
  values.length === recorded.length
    ? Math.max(...recorded.map((value, i) => Math.abs(values[i]! - value) / Math.max(1, Math.abs(value))))
    : Infinity;

beforeAll(async () => {
  await wasm().start();
});

describe.each(['toy', 'tabular-roulette', 'digits'])('the checkpoint %s of an earlier version', (name) => {
  const checkpoint = fixture(`checkpoints/${name}.safetensors`);
  const recorded = JSON.parse(readFileSync(fixture(`checkpoints/${name}.json`), 'utf8')) as Recorded;

  it('gives the same densities and codes with the packages', async () => {
    const { spec, tensors } = await loadCheckpoint(checkpoint);
    // A tight tolerance, so that the results depend on the weights only and not on the last step of a solver.
    const flow = buildFlow({ ...(spec as FlowSpec), tolerance: { atol: 1e-7, rtol: 1e-7 } });
    restoreVariables(flow.parameters, tensors, 'best.parameters');
    restoreVariables(flow.buffers, tensors, 'best.buffers');
    flow.refresh({ tolerance: 1e-5 });
    const x = eventsOf(recorded, flow);
    expect(difference(flow.logProb(x).dataSync(), recorded.logProb)).toBeLessThanOrEqual(1e-5);
    expect(difference(flow.encode(x).dataSync(), recorded.encode.flat())).toBeLessThanOrEqual(1e-5);
  });

  it('scores the same on the command line', async () => {
    const { logDensity, unconverged } = json<{ readonly logDensity: readonly number[]; readonly unconverged: number }>(
      await within('score', checkpoint, fileOf(name, recorded), '--json'),
    );
    expect(unconverged).toBe(0);
    expect(difference(logDensity, recorded.score)).toBeLessThanOrEqual(1e-5);
  });
});

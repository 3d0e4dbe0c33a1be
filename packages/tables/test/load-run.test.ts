import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wasm } from '@impflow/backend-wasm';
import { isFlowError, key } from '@impflow/core';
import { buildFlow, imagePreset, toyPreset, type FlowSpec } from '@impflow/flows';
import {
  frameOf,
  fitColumns,
  forEvaluation,
  isTargetNumber,
  loadRun,
  planColumns,
  recordFlow,
  recordsFromCheckpoint,
  recordsSpec,
  trainedRecords,
  valuesOf,
  withNoise,
  type RecordsSpec,
} from '@impflow/tables';
import { decodeCheckpoint, saveCheckpoint } from '@impflow/training';
import { fill, tensor2d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { vega } from './vega.ts';

const folder = mkdtempSync(join(tmpdir(), 'impflow-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'checkpoint.safetensors');
const QUANTILES = Array.from({ length: 1001 }, (_, i) => -30 + i / 50);

const cars = vega('cars.json')
  .map(({ Origin, Horsepower, Weight_in_lbs, Acceleration }) => ({ Origin, Horsepower, Weight_in_lbs, Acceleration }))
  .filter(({ Horsepower }) => Horsepower !== null);
let spec: RecordsSpec;

beforeAll(async () => {
  await wasm().start();
  const frame = frameOf(cars, 'cars');
  const plans = planColumns(frame);
  const fitted = fitColumns(frame, plans);
  const train = withNoise(valuesOf(frame, fitted.columns), fitted.columns, key(1));
  spec = recordsSpec(fitted, train, { blocks: 1, hidden: [8] });
});

const write = async (own: unknown, flow: ReturnType<typeof buildFlow>, extra: unknown): Promise<void> =>
  saveCheckpoint(path, { spec: own, seed: 1, model: flow, extra });

it('loads a run on records from its folder, its file and its bytes, to the same bits', async () => {
  const model = recordFlow({ ...spec, flow: forEvaluation(spec.flow) });
  await write(spec, model.flow, { data: {}, columns: [], quantiles: QUANTILES, provenance: { rows: { test: 99 } } });
  model.flow.refresh({ tolerance: 1e-5 });
  const expected = trainedRecords(model, { quantiles: QUANTILES, rows: 99 }).score(cars);
  const runs = [
    await loadRun(folder),
    await loadRun(path),
    recordsFromCheckpoint(decodeCheckpoint(new Uint8Array(readFileSync(path)))),
  ];
  for (const run of runs) expect(run.score(cars)).toEqual(expected);
  expect(expected.values.every(Number.isFinite)).toBe(true);
  expect(runs[0]!.checkpoint.seed).toBe(1);
  // A row alone, and parts, are what the whole is.
  const run = runs[0]!;
  cars.forEach((row, i) => expect(run.score([row]).values[0]).toBe(expected.values[i]));
  const whole = run.sample(5, { key: key(3) });
  const end = run.sample(2, { key: key(3), first: 3 });
  expect(end.columns.map(({ numbers }) => numbers)).toEqual(whole.columns.map(({ numbers }) => numbers.slice(3)));
});

it('loads a run on rows of numbers, whose log-densities are those of its flow', async () => {
  const rows: FlowSpec = toyPreset({ blocks: 1, hidden: [8] });
  const flow = buildFlow(forEvaluation(rows));
  await write(rows, flow, {
    data: {},
    columns: ['length', 'width'],
    offsets: { width: 1000 },
    dequantised: { length: 0.5 },
  });
  flow.refresh({ tolerance: 1e-5 });
  const run = await loadRun(folder);
  const { values, pValues, percentiles } = run.score([{ length: 0.5, width: 1000.25, other: 3 }]);
  const own = flow.logProb(tensor2d([[0.75, 0.25]])).dataSync();
  expect([...values]).toEqual([...own]);
  // Nothing was held out.
  expect([pValues[0], percentiles[0]]).toEqual([NaN, NaN]);
  expect(run.model.spec.columns.every(isTargetNumber)).toBe(true);
});

const problem = async (run: () => Promise<unknown>): Promise<string> => {
  const error = await run().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isFlowError(error)).toBe(true);
  return (error as Error).message;
};

it('says in a sentence what it does not load', async () => {
  const image = imagePreset({ shape: [4, 4, 1], blocks: 1, hidden: [4] });
  await write(image, buildFlow(image), {});
  expect(await problem(() => loadRun(path))).toMatch(
    /is of another kind: expected a density of the rows .* got a density of images/,
  );
  const rows = toyPreset({ blocks: 1, hidden: [8] });
  const flow = buildFlow(rows);
  await write(rows, flow, { columns: ['a'] });
  expect(await problem(() => loadRun(path))).toMatch(
    /names of the columns do not fit the model: expected 2 of them, got 1/,
  );
  await write(rows, flow, { quantiles: ['a'] });
  expect(await problem(() => loadRun(path))).toMatch(/wrong extra\.quantiles/);
  await write({ ...rows, solver: { name: 'mine' } }, flow, {});
  expect(await problem(() => loadRun(path))).toMatch(/needs what is not there: .*mine.*option registries/);
  await write({ ...rows, blocks: [{ kind: 'implicit' }] }, flow, {});
  expect(await problem(() => loadRun(path))).toMatch(/the spec inside describes no model/);
  await write({ ...spec, columns: [] }, flow, {});
  expect(await problem(() => loadRun(path))).toMatch(/describes no model: got A spec of records/);
  await write({ ...spec, flow: null }, flow, {});
  expect(await problem(() => loadRun(path))).toMatch(/another kind/);
  await write(null, flow, {});
  expect(await problem(() => loadRun(path))).toMatch(/another kind/);
  await write({ ...rows, blocks: [] }, flow, {});
  expect(await problem(() => loadRun(path))).toMatch(/checkpoint/);
  const [parameter] = Object.values(flow.parameters);
  parameter!.assign(fill(parameter!.shape, NaN));
  await write(rows, flow, {});
  expect(await problem(() => loadRun(path))).toMatch(/holds a number that is not finite/);
  writeFileSync(path, 'not a checkpoint');
  expect(await problem(() => loadRun(folder))).toMatch(/safetensors/);
  expect(await problem(() => loadRun(join(folder, 'none')))).toMatch(/Cannot read .*ENOENT/);
});

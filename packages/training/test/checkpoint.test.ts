import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@impflow/backend-cpu';
import { release, scoped } from '@impflow/core';
import { onBackend } from '@impflow/testkit';
import {
  adam,
  decodeCheckpoint,
  encodeCheckpoint,
  encodeSafetensors,
  loadCheckpoint,
  restoreBest,
  restoreVariables,
  saveCheckpoint,
  stateFrom,
  stateRecord,
  stateTensors,
  toHost,
  toTensor,
  type HostTensors,
  type TrainingState,
} from '@impflow/training';
import { memory, tensor, variable, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

onBackend(cpu());
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'impflow-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

const own = (init: () => Tensor): Variable => scoped(() => variable(init()));
const makeModel = (shift = 0) => ({
  parameters: {
    'a.weight': own(() =>
      tensor([
        [1 + shift, 2],
        [3, 4],
      ]),
    ),
    'a.bias': own(() => tensor([0.5 + shift, 0.1])),
  },
  buffers: { ready: own(() => tensor([1 + shift], [1], 'int32')) },
});
const makeState = (model: ReturnType<typeof makeModel>): TrainingState =>
  scoped(() => ({
    step: 12,
    sinceBest: 2,
    optimizer: { ...adam().init(model.parameters), step: 12 },
    ema: {
      'a.weight': tensor([
        [9, 8],
        [7, 6],
      ]),
      'a.bias': tensor([5, 4]),
    },
    best: {
      step: 8,
      nats: 1 / 3,
      standardError: 0.01,
      parameters: {
        'a.weight': tensor([
          [0, 1],
          [0, 1],
        ]),
        'a.bias': tensor([1, 1]),
      },
      buffers: { ready: tensor([1], [1], 'int32') },
    },
  }));
const valuesOf = (tensors: Readonly<Record<string, Tensor>>): Record<string, number[]> =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, Array.from(x.dataSync())]));

describe('checkpoints', () => {
  it('a checkpoint stores all tensors under stable names, and the tensors can be restored from it', async () => {
    const before = memory().numTensors;
    const model = makeModel();
    const state = makeState(model);
    const path = join(folder, 'all.safetensors');
    const contents = {
      spec: { kind: 'tabular', dim: 2, scaling: { mean: [0.1], scale: [2] } },
      seed: 2 ** 52 + 1,
      extra: { note: 'ü' },
    };
    await saveCheckpoint(path, { ...contents, model, state });
    const { tensors, training, ...rest } = await loadCheckpoint(path);
    expect(rest).toEqual({ ...contents, format: 'impflow', version: 1, step: 12 });
    expect(Object.keys(tensors).sort()).toEqual([
      'best.buffers.ready',
      'best.parameters.a.bias',
      'best.parameters.a.weight',
      'buffers.ready',
      'ema.a.bias',
      'ema.a.weight',
      'optimizer.m.a.bias',
      'optimizer.m.a.weight',
      'optimizer.v.a.bias',
      'optimizer.v.a.weight',
      'parameters.a.bias',
      'parameters.a.weight',
    ]);
    const other = makeModel(7);
    restoreVariables(other.parameters, tensors, 'parameters');
    restoreVariables(other.buffers, tensors, 'buffers');
    expect(valuesOf(other.parameters)).toEqual(valuesOf(model.parameters));
    expect(valuesOf(other.buffers)).toEqual(valuesOf(model.buffers));
    restoreVariables(other.parameters, tensors, 'ema');
    expect(valuesOf(other.parameters)).toEqual(valuesOf(state.ema!));
    restoreVariables(other.parameters, tensors, 'best.parameters');
    const again = stateFrom(tensors, training);
    expect(stateRecord(again)).toEqual(stateRecord(state));
    expect(valuesOf(stateTensors(again))).toEqual(valuesOf(stateTensors(state)));
    // The folder contains the checkpoint and no temporary files.
    expect(await readdir(folder)).toEqual(['all.safetensors']);
    release([model, state, other, again]);
    expect(memory().numTensors).toBe(before);
  });

  it('a checkpoint without a training state can be read, and a training cannot be resumed from it', async () => {
    const model = makeModel();
    const checkpoint = decodeCheckpoint(await encodeCheckpoint({ spec: {}, seed: 1, model }));
    expect(checkpoint).toMatchObject({ step: 0 });
    expect(checkpoint.training).toBeUndefined();
    expect(() => stateFrom(checkpoint.tensors, checkpoint.training)).toThrow(/cannot be resumed/);
    release(model);
  });

  it('a checkpoint of a wrong format is refused, and the message contains the path', async () => {
    const path = join(folder, 'bad.safetensors');
    const refused = async (bytes: Uint8Array, message: RegExp): Promise<void> => {
      await writeFile(path, bytes);
      await expect(loadCheckpoint(path)).rejects.toThrow(
        expect.objectContaining({ code: 'checkpoint', message: expect.stringMatching(message) as string }) as Error,
      );
      await expect(loadCheckpoint(path)).rejects.toThrow(path);
    };
    const meta = (header: unknown): Uint8Array =>
      encodeSafetensors({}, { impflow: typeof header === 'string' ? header : JSON.stringify(header) });
    await refused(new Uint8Array(0), /Too short/);
    await refused(encodeSafetensors({}, { format: 'pt' }), /no checkpoint of ImpFlow.*entries format/);
    await refused(meta('{'), /not JSON/);
    await refused(meta(null), /Wrong format/);
    await refused(meta({ format: 'other', version: 1 }), /Wrong format.*"other"/);
    await refused(meta({ format: 'impflow', version: 2 }), /version.*expected 1, got 2/);
    await refused(meta({ format: 'impflow', version: 1, step: -1, seed: 0, spec: {} }), /Incomplete/);
    await refused(
      (await encodeCheckpoint({ spec: {}, seed: 1, model: { parameters: {}, buffers: {} } })).slice(0, -1),
      /header/,
    );
    await rm(path);
    await expect(loadCheckpoint(path)).rejects.toThrow(
      /Cannot read .*bad\.safetensors: expected a file, got nothing at that path/,
    );
    await expect(loadCheckpoint(folder)).rejects.toThrow('expected a file, got a folder');
  });

  it('`restoreVariables` refuses tensors whose names, shapes or types do not fit the variables, and changes no variable', () => {
    const model = makeModel();
    const before = valuesOf(model.parameters);
    const good: HostTensors = {
      'parameters.a.weight': { dtype: 'F32', shape: [2, 2], data: new Float32Array(4) },
      'parameters.a.bias': { dtype: 'F64', shape: [2], data: new Float64Array(2) },
    };
    const { 'parameters.a.bias': _bias, ...lacking } = good;
    const refused = (tensors: HostTensors, message: RegExp): void => {
      expect(() => {
        restoreVariables(model.parameters, tensors, 'parameters', 'x.safetensors');
      }).toThrow(message);
      expect(valuesOf(model.parameters)).toEqual(before);
    };
    refused(lacking, /x\.safetensors: the parameters lack "a\.bias"/);
    refused({ ...good, 'parameters.b': good['parameters.a.bias']! }, /have "b", which the model lacks/);
    refused(
      { ...good, 'parameters.a.bias': { dtype: 'F32', shape: [3], data: new Float32Array(3) } },
      /wrong shape of "a\.bias": expected \[2\], got \[3\]/,
    );
    refused(
      { ...good, 'parameters.a.bias': { dtype: 'F16', shape: [2], data: new Uint16Array(2) } },
      /element type of parameters\.a\.bias: expected F32 or F64, got F16/,
    );
    restoreVariables(model.parameters, good, 'parameters');
    expect(valuesOf(model.parameters)).toEqual({ 'a.weight': [0, 0, 0, 0], 'a.bias': [0, 0] });
    release(model);
  });

  it('`restoreBest` restores the best weights, or the last weights of a training without validation, and changes no variable if a tensor is missing', async () => {
    const model = makeModel(1);
    const state = makeState(model);
    const { tensors, training } = decodeCheckpoint(await encodeCheckpoint({ spec: {}, seed: 0, model, state }));
    const other = makeModel(7);
    restoreBest(other, { tensors, training: training! });
    expect(valuesOf(other.parameters)).toEqual(valuesOf(state.best!.parameters));
    expect(valuesOf(other.buffers)).toEqual(valuesOf(state.best!.buffers));
    restoreBest(other, { tensors });
    expect(valuesOf(other.parameters)).toEqual(valuesOf(model.parameters));
    const lacking = Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith('best.buffers.')));
    expect(() => restoreBest(other, { tensors: lacking, training: training! }, 'x.safetensors')).toThrow(
      /x\.safetensors: the best\.buffers lack/,
    );
    expect(valuesOf(other.parameters)).toEqual(valuesOf(model.parameters));
    release([model, state, other]);
  });

  it('`toHost` converts tensors of each type to host tensors, and `toTensor` converts them back', async () => {
    for (const x of [tensor([1.5, -2]), tensor([[3], [4]], undefined, 'int32'), tensor([true, false]), tensor(7)]) {
      const back = toTensor(await toHost(x));
      expect({ dtype: back.dtype, shape: back.shape, values: Array.from(back.dataSync()) }).toEqual({
        dtype: x.dtype,
        shape: x.shape,
        values: Array.from(x.dataSync()),
      });
      release([x, back]);
    }
    expect(() => toTensor({ dtype: 'I64', shape: [1], data: BigInt64Array.of(1n) })).toThrow(/got I64/);
    await expect(toHost(tensor(['a']))).rejects.toThrow(/got string/);
  });

  it('`saveCheckpoint` leaves the old file unchanged if the new file cannot be written', async () => {
    const model = makeModel();
    const path = join(folder, 'kept.safetensors');
    await saveCheckpoint(path, { spec: 1, seed: 1, model });
    const before = await readFile(path);
    await expect(saveCheckpoint(join(folder, 'missing', 'a.safetensors'), { spec: 1, seed: 1, model })).rejects.toThrow(
      /Cannot write a.safetensors into the folder .*missing: expected a folder, got nothing at that path/,
    );
    // The target path is a folder, so the rename fails after the temporary file was written.
    const blocked = join(folder, 'blocked.safetensors');
    await mkdir(join(blocked, 'inside'), { recursive: true });
    await expect(saveCheckpoint(blocked, { spec: 2, seed: 1, model })).rejects.toThrow(
      expect.objectContaining({ code: 'input' }) as Error,
    );
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await readFile(path)).toEqual(before);
    release(model);
  });
});

import { readFile } from 'node:fs/promises';
import { FlowError } from '@impflow/core';
import type { HostArray } from '@impflow/flows';
import { bfloat16, float16, isPth, readPthCheckpoint, type PthTensor, type Setting } from '@impflow/pytorch';
import { decodeSafetensors, type HostTensor } from '@impflow/training';

/** Tensors of another program, and what their file says of them. */
export interface Weights {
  readonly state: Readonly<Record<string, HostArray>>;
  /** What the training was told (`act`, `coeff`, …), where the file keeps it. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** Metadata of a safetensors file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Weights out of a `.pth` or a safetensors file, whatever it is called. `key`: of the state dict in a `.pth`. @throws `checkpoint` and `input`. */
export const readWeights = async (file: string, key?: string): Promise<Weights> => {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new FlowError('input', 'cli', `Cannot read ${file} (${cause.code ?? cause.message})`, { cause, hint: 'Check the path.' });
  });
  if (isPth(bytes)) {
    const { tensors, args } = readPthCheckpoint(bytes, key === undefined ? {} : { key });
    return { state: numbered(tensors), settings: args, metadata: {} };
  }
  if (key !== undefined) throw new FlowError('option', 'cli', '--weights is for .pth files', { expected: 'one state dict in a safetensors file', got: `--weights ${key}`, hint: 'Leave it out.' });
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { activation, coeff } = metadata;
  // Exports of test cases put parameters and buffers under these prefixes.
  const state = Object.fromEntries(Object.entries(numbered(tensors)).map(([name, array]) => [name.replace(/^(?:param|buffer)\./, ''), array]));
  return { state, settings: { ...(activation === undefined ? {} : { act: activation }), ...(coeff === undefined ? {} : { coeff: Number(coeff) }) }, metadata };
};

const numbered = (tensors: Readonly<Record<string, HostTensor | PthTensor>>): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape, data }]) => [name, { shape, data: numbers(dtype, data) }]));

/** The numbers of any element type; halves are bits in safetensors. */
const numbers = (dtype: HostTensor['dtype'], data: HostTensor['data']): Float64Array => {
  const raw = Float64Array.from(data as ArrayLike<number>, Number);
  if (dtype === 'F16') return raw.map(float16);
  return dtype === 'BF16' ? raw.map(bfloat16) : raw;
};

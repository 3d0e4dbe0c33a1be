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
    const folder = cause.code === 'EISDIR' ? { expected: 'a file', got: 'a folder' } : {};
    throw new FlowError('input', 'cli', `Cannot read ${file} (${cause.code ?? cause.message})`, { ...folder, cause, hint: 'Check the path.' });
  });
  if (isPth(bytes)) {
    const { tensors, args } = readPthCheckpoint(bytes, key === undefined ? {} : { key });
    return { state: numbered(tensors), settings: args, metadata: {} };
  }
  if (key !== undefined) throw new FlowError('option', 'cli', '--weights is for .pth files', { expected: 'one state dict in a safetensors file', got: `--weights ${key}`, hint: 'Leave it out.' });
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { activation, coeff } = metadata;
  // Exports of test cases put parameters and buffers under these prefixes.
  const named = Object.entries(tensors).map(([name, tensor]) => [name.replace(/^(?:param|buffer)\./, ''), tensor] as const);
  const seen = new Set<string>();
  for (const [name] of named) {
    if (seen.has(name)) throw new FlowError('checkpoint', 'cli', `Two tensors ${name}`, { expected: 'one of that name, with or without param. or buffer. before it', got: 'two', hint: 'Leave one out.' });
    seen.add(name);
  }
  const state = numbered(Object.fromEntries(named));
  return { state, settings: { ...(activation === undefined ? {} : { act: activation }), ...(coeff === undefined ? {} : { coeff: Number(coeff) }) }, metadata };
};

const numbered = (tensors: Readonly<Record<string, HostTensor | PthTensor>>): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { dtype, shape, data }]) => [name, { shape, data: numbers(dtype, data) }]));

/** The numbers of any element type: as they lie there, but for halves, which are bits in safetensors, and 64-bit whole numbers. */
const numbers = (dtype: HostTensor['dtype'], data: HostTensor['data']): ArrayLike<number> => {
  // Never `from` with a function: it makes a list of all numbers first, which ends the process where they are many.
  if (dtype === 'F16') return new Float32Array(data as Uint16Array).map(float16);
  if (dtype === 'BF16') return new Float32Array(data as Uint16Array).map(bfloat16);
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return data as Exclude<typeof data, BigInt64Array | BigUint64Array>;
  const wide = new Float64Array(data.length);
  data.forEach((value: bigint, i: number) => { wide[i] = Number(value); });
  return wide;
};

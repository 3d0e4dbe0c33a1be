import { fileBytes, FlowError } from '@impflow/core';
import type { HostArray } from '@impflow/flows';
import { bfloat16, float16, isPth, readPthCheckpoint, type PthTensor, type Setting } from '@impflow/pytorch';
import { decodeSafetensors, type HostTensor } from '@impflow/training';

/** Tensors that another program wrote, with the metadata of their file. */
export interface Weights {
  /** Tensors by name. */
  readonly state: Readonly<Record<string, HostArray>>;
  /** Settings of the training (`act`, `coeff`, …), if the file has them. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** Metadata of a safetensors file; empty for a `.pth`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the weights of a `.pth` or a safetensors file, recognized by its content. `key` names the state dict in a
 * `.pth`.
 *
 * @throws `input` if the file cannot be read; `option` for `key` with safetensors; `checkpoint` for an invalid file.
 */
export const readWeights = async (file: string, key?: string): Promise<Weights> => {
  const bytes = await fileBytes('cli', file);
  if (isPth(bytes)) {
    const { tensors, args } = readPthCheckpoint(bytes, key === undefined ? {} : { key });
    return { state: numbered(tensors), settings: args, metadata: {} };
  }
  if (key !== undefined)
    throw new FlowError('option', 'cli', '--weights applies only to .pth files', {
      expected: 'one state dict in a safetensors file',
      got: `--weights ${key}`,
      hint: 'Leave out --weights.',
    });
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { activation, coeff } = metadata;
  // Files of exported test cases contain a prefix before the names of parameters and buffers.
  const named = Object.entries(tensors).map(
    ([name, tensor]) => [name.replace(/^(?:param|buffer)\./, ''), tensor] as const,
  );
  const seen = new Set<string>();
  for (const [name] of named) {
    if (seen.has(name))
      throw new FlowError('checkpoint', 'cli', `The file has two tensors with the name ${name}`, {
        expected: 'one tensor with this name, with or without the prefix param. or buffer.',
        got: 'two',
        hint: 'Leave one out.',
      });
    seen.add(name);
  }
  const state = numbered(Object.fromEntries(named));
  return {
    state,
    settings: {
      ...(activation === undefined ? {} : { act: activation }),
      ...(coeff === undefined ? {} : { coeff: Number(coeff) }),
    },
    metadata,
  };
};

const numbered = (tensors: Readonly<Record<string, HostTensor | PthTensor>>): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data }]) => [name, { shape, data: numbers(dtype, data) }]),
  );

/**
 * Converts the elements to numbers. 16-bit floats are decoded from their bits and 64-bit integers are converted; other
 * types stay as they are.
 */
const numbers = (dtype: HostTensor['dtype'], data: HostTensor['data']): ArrayLike<number> => {
  // `Float32Array.from` is not used, because it builds a list of all numbers first, and a long list exhausts the
  // memory.
  if (dtype === 'F16') return new Float32Array(data as Uint16Array).map(float16);
  if (dtype === 'BF16') return new Float32Array(data as Uint16Array).map(bfloat16);
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array))
    return data as Exclude<typeof data, BigInt64Array | BigUint64Array>;
  const wide = new Float64Array(data.length);
  data.forEach((value: bigint, i: number) => {
    wide[i] = Number(value);
  });
  return wide;
};

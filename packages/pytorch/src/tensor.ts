import { bfloat16, float16 } from './half.ts';
import { DAMAGED, refusal, SAVE_AGAIN } from './refusal.ts';
import { describe, isCount, isKind, type StoredTensor, type StoredType, type Value } from './value.ts';

/** A tensor in host memory. */
export interface PthTensor {
  /** Element type, in the names of safetensors. F16 and BF16 are converted to `F32` without loss. */
  readonly dtype: Exclude<StoredType, 'F16' | 'BF16'>;
  /** All dimensions. */
  readonly shape: readonly number[];
  /** Elements in row-major order, in the typed array of `dtype`. */
  readonly data: Float64Array | Float32Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;
}

/** Bytes per element. */
export const WIDTHS: Readonly<Record<StoredType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/**
 * Returns the tensor of `_rebuild_tensor_v2(storage, offset, size, stride, ...)`.
 *
 * @throws `checkpoint` if an element lies outside the storage.
 */
export const tensorOf = (args: readonly Value[]): StoredTensor => {
  const [storage, offset, shape, strides, , , metadata] = args;
  const wrong = (what: string, expected: string, got: string): Error =>
    refusal(`${what} of a tensor`, { expected, got, hint: DAMAGED });
  if (!isKind(storage, 'storage')) throw wrong('Wrong storage', 'a storage', describe(storage));
  const areCounts = (value: Value | undefined): value is number[] =>
    Array.isArray(value) && value.length <= 64 && value.every(isCount);
  if (!isCount(offset) || !areCounts(shape) || !areCounts(strides) || shape.length !== strides.length) {
    throw wrong(
      'Wrong layout',
      'an offset, and one stride for each size, none of them negative',
      [offset, shape, strides].map(describe).join(', '),
    );
  }
  if (metadata instanceof Map && metadata.size > 0) {
    throw refusal('A negated or conjugated view of a tensor', { hint: SAVE_AGAIN });
  }
  const elements = storage.bytes.length / WIDTHS[storage.dtype];
  const last = shape.includes(0) ? -1 : shape.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, offset);
  if (last >= elements)
    throw wrong('Wrong layout', `only the ${elements} elements of the storage`, `an element at ${last}`);
  // The arrays are frozen, because several tensors may share them.
  return { kind: 'tensor', storage, offset, shape: Object.freeze(shape), strides: Object.freeze(strides) };
};

// If the shape contains 0, the product of the other sizes could overflow to Infinity, and 0 times Infinity is NaN.
const bytesOf = ({ storage, shape }: StoredTensor): number =>
  shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, WIDTHS[storage.dtype]);

/** Returns the number of bytes of the result of {@link gathered}. */
export const gatheredBytes = (tensor: StoredTensor): number =>
  (tensor.storage.dtype === 'F16' || tensor.storage.dtype === 'BF16' ? 2 : 1) * bytesOf(tensor);

/** Copies the elements of a tensor into row-major order. */
export const gathered = (tensor: StoredTensor): PthTensor => {
  const { dtype } = tensor.storage;
  const { buffer } = isContiguous(tensor) ? copied(tensor) : strided(tensor);
  const shape = [...tensor.shape];
  // Float16 and bfloat16 are converted with `map`. `Float32Array.from` with a function would first make a list of all
  // numbers, which can exhaust the memory.
  switch (dtype) {
    case 'F64':
      return { dtype, shape, data: new Float64Array(buffer) };
    case 'F32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'F16':
      return { dtype: 'F32', shape, data: new Float32Array(new Uint16Array(buffer)).map(float16) };
    case 'BF16':
      return { dtype: 'F32', shape, data: new Float32Array(new Uint16Array(buffer)).map(bfloat16) };
    case 'I64':
      return { dtype, shape, data: new BigInt64Array(buffer) };
    case 'I32':
      return { dtype, shape, data: new Int32Array(buffer) };
    case 'I16':
      return { dtype, shape, data: new Int16Array(buffer) };
    case 'I8':
      return { dtype, shape, data: new Int8Array(buffer) };
    default:
      return { dtype, shape, data: new Uint8Array(buffer) };
  }
};

const isContiguous = ({ shape, strides }: StoredTensor): boolean => {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i]! > 1 && strides[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
};

// The bytes are copied: a typed array over existing bytes must begin at a multiple of its element size, but the data in
// a file may begin anywhere.
const copied = (tensor: StoredTensor): Uint8Array<ArrayBuffer> => {
  const begin = tensor.offset * WIDTHS[tensor.storage.dtype];
  return new Uint8Array(tensor.storage.bytes.subarray(begin, begin + bytesOf(tensor)));
};

/**
 * Copies element by element, the last index fastest. Axes of size one are removed, because each axis costs one step per
 * element.
 */
const strided = (tensor: StoredTensor): Uint8Array<ArrayBuffer> => {
  const { storage, offset } = tensor;
  const strides = tensor.strides.filter((_, axis) => tensor.shape[axis] !== 1);
  const shape = tensor.shape.filter((n) => n !== 1);
  const width = WIDTHS[storage.dtype];
  const out = new Uint8Array(bytesOf(tensor));
  const index = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < out.length; to += width) {
    for (let byte = 0; byte < width; byte++) out[to + byte] = storage.bytes[from * width + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
};

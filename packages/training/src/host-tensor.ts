import { FlowError, type Shape } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

/** Element type of a tensor, with the name that the safetensors format gives it. */
export type DType =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'I16'
  | 'U16'
  | 'F16'
  | 'BF16'
  | 'I32'
  | 'U32'
  | 'F32'
  | 'I64'
  | 'U64'
  | 'F64';

/** Typed array with the elements of a {@link HostTensor}. */
export type HostArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Float64Array;

interface HostArrayConstructor {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike): HostArray;
}

/**
 * Typed array class for each element type of the safetensors format. F16 and BF16 values are kept as raw 16-bit
 * integers, because not every JavaScript engine has `Float16Array`.
 */
export const ARRAYS: Readonly<Record<DType, HostArrayConstructor>> = Object.freeze({
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F64: Float64Array,
});

/** A tensor in host memory, outside any backend. Files are read to and written from host tensors. */
export interface HostTensor {
  /** Element type. */
  readonly dtype: DType;
  /** All dimensions, the batch dimension included. */
  readonly shape: Shape;
  /** Elements in row-major order. The length is the product of the dimensions in `shape`. */
  readonly data: HostArray;
}

/** Host tensors by name. */
export type HostTensors = Readonly<Record<string, HostTensor>>;

/**
 * Copies a tensor from the backend to host memory.
 *
 * @throws `checkpoint` for any element type except float32, int32 and bool.
 */
export const toHost = async (x: Tensor): Promise<HostTensor> => {
  const data = await x.data();
  const shape = [...x.shape];
  if (x.dtype === 'float32') return { dtype: 'F32', shape, data: new Float32Array(data) };
  if (x.dtype === 'int32') return { dtype: 'I32', shape, data: new Int32Array(data) };
  if (x.dtype === 'bool') return { dtype: 'BOOL', shape, data: new Uint8Array(data) };
  throw new FlowError('checkpoint', 'training/toHost', 'Cannot store this element type', {
    expected: 'float32, int32 or bool',
    got: x.dtype,
  });
};

/**
 * Creates a tfjs tensor with the values of a host tensor. Integers become int32, and F64 is rounded to float32. The
 * caller owns the result.
 *
 * @throws `checkpoint` for F16, BF16, U32, I64 and U64.
 */
export const toTensor = ({ dtype, shape, data }: HostTensor): Tensor => {
  switch (dtype) {
    case 'F32':
    case 'F64':
      return tensor(new Float32Array(data as Float32Array), [...shape], 'float32');
    case 'BOOL':
      return tensor(new Uint8Array(data as Uint8Array), [...shape], 'bool');
    case 'I32':
    case 'U8':
    case 'I8':
    case 'I16':
    case 'U16':
      return tensor(new Int32Array(data as Int32Array), [...shape], 'int32');
    default:
      throw new FlowError('checkpoint', 'training/toTensor', 'Unsupported element type', {
        expected: 'F32, F64, I32, I16, I8, U16, U8 or BOOL',
        got: dtype,
        hint: 'Convert the file first.',
      });
  }
};

/** Copies each tensor of a record to host memory with {@link toHost}. The tensors are read concurrently. */
export const allToHost = async (tensors: Readonly<Record<string, Tensor>>): Promise<HostTensors> =>
  Object.fromEntries(
    await Promise.all(Object.entries(tensors).map(async ([name, x]) => [name, await toHost(x)] as const)),
  );

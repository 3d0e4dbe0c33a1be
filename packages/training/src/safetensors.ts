import { FlowError, sizeOf } from '@impflow/core';
import { ARRAYS, type HostTensor, type HostTensors } from './host-tensor.ts';
import { parseHeader } from './safetensors-header.ts';

/** Contents of a safetensors file. */
export interface Safetensors {
  /** Tensors by name. */
  readonly tensors: HostTensors;
  /** Entries of `__metadata__`; empty if the file has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Encodes tensors as the bytes of a safetensors file. Tensors are ordered by element size (largest first), and then by
 * name. The header is padded to a multiple of 8 bytes. Every tensor is therefore aligned for readers that map the file
 * into memory. Equal contents give equal bytes.
 *
 * @remarks Assumes a little-endian platform. All current platforms of JavaScript are little-endian.
 * @throws `checkpoint` if data and shape of a tensor disagree.
 */
export const encodeSafetensors = (
  tensors: HostTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array => {
  const ordered = Object.entries(tensors).sort(
    ([a, x], [b, y]) => ARRAYS[y.dtype].BYTES_PER_ELEMENT - ARRAYS[x.dtype].BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let size = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    assertStorable(name, { dtype, shape, data });
    header.push([name, { dtype, shape, data_offsets: [size, size + data.byteLength] }]);
    size += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const dataStart = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.fill(0x20, 8 + json.length, dataStart);
  bytes.set(json, 8);
  let at = dataStart;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
};

/**
 * Decodes the tensors and metadata of a safetensors file. The tensors are copies of the data in `bytes`. `source` is
 * the name of the file in error messages.
 *
 * @throws `checkpoint` for bytes that are not a valid safetensors file.
 */
export const decodeSafetensors = (bytes: Uint8Array, source = 'these bytes'): Safetensors => {
  const { entries, metadata, dataStart } = parseHeader(bytes, source);
  const tensors = Object.fromEntries(
    entries.map(({ name, dtype, shape, begin, end }): [string, HostTensor] => {
      // The data are copied, because a typed array must begin at a multiple of its element size, and tensors in a file
      // may begin at other offsets.
      const { buffer } = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
      return [name, { dtype, shape, data: new ARRAYS[dtype](buffer) }];
    }),
  );
  return { tensors, metadata };
};

const assertStorable = (name: string, { dtype, shape, data }: HostTensor): void => {
  if (name !== '__metadata__' && data instanceof ARRAYS[dtype] && data.length === sizeOf(shape)) return;
  throw new FlowError('checkpoint', 'training/encodeSafetensors', `Cannot store tensor "${name}"`, {
    expected:
      `a ${ARRAYS[dtype].name} of ${sizeOf(shape)} elements for ${dtype} [${shape.join(', ')}], and ` +
      'a name other than __metadata__',
    got: `a ${data.constructor.name} of ${data.length}`,
  });
};

import { decodeSafetensors, encodeSafetensors, type HostTensors } from '@impflow/training';
import { describe, expect, it } from 'vitest';

const tensors: HostTensors = {
  'layers.0.weight': { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, Number.NaN, Infinity, 1e-40) },
  mask: { dtype: 'U8', shape: [3], data: Uint8Array.of(0, 1, 255) },
  count: { dtype: 'I32', shape: [], data: Int32Array.of(-7) },
  exact: { dtype: 'F64', shape: [1, 1, 2], data: Float64Array.of(Math.PI, -0) },
  wide: { dtype: 'I64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
  empty: { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
  ['__proto__']: { dtype: 'BOOL', shape: [1], data: Uint8Array.of(1) },
};

/** Builds the bytes of a safetensors file from a header and data, without `encodeSafetensors`. */
const file = (header: unknown, dataBytes: number, length?: number): Uint8Array => {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length ?? json.length));
  return Buffer.concat([size, json, Buffer.alloc(dataBytes)]);
};
const endless = file(`{"w":{"dtype":"F32","shape":${'['.repeat(1e5)}${']'.repeat(1e5)},"data_offsets":[0,0]}}`, 0);
const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype: unknown = 'F32'): object => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('safetensors', () => {
  it('`decodeSafetensors` returns the bits that `encodeSafetensors` wrote', () => {
    const metadata = { format: 'pt', note: 'ü "quoted" \n' };
    const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata));
    expect(decoded.metadata).toEqual(metadata);
    expect(Object.keys(decoded.tensors).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
      const got = Object.getOwnPropertyDescriptor(decoded.tensors, name)!.value as (typeof tensors)[string];
      expect({ dtype: got.dtype, shape: got.shape }).toEqual({ dtype, shape });
      expect(Buffer.from(got.data.buffer)).toEqual(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
  });

  it('`encodeSafetensors` aligns data to 8 bytes, and encodes equal contents as equal bytes', () => {
    const bytes = encodeSafetensors(tensors);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
    expect(encodeSafetensors(Object.fromEntries(Object.entries(tensors).toReversed()))).toEqual(bytes);
  });

  it('`decodeSafetensors` reads unaligned tensors in any order, even from a view into a larger buffer', () => {
    const bytes = file({ b: entry(4, 8), a: entry(0, 4), __metadata__: { k: 'v' } }, 8);
    new DataView(bytes.buffer, bytes.byteOffset).setFloat32(bytes.length - 4, 2.5, true);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const { tensors, metadata } = decodeSafetensors(shifted.subarray(3));
    expect(tensors['b']!.data).toEqual(Float32Array.of(2.5));
    expect(metadata).toEqual({ k: 'v' });
    expect(decodeSafetensors(file('{}', 0))).toEqual({ tensors: {}, metadata: {} });
  });

  it.each([
    ['an empty file', new Uint8Array(0), /Too short.*at least 8 bytes, got 0/],
    ['a header past the end', file('{}', 0, 3), /reaches past the end/],
    ['a header of 2^60 bytes', file('{}', 0, 2 ** 60), /too long/],
    ['no JSON', file('{"a"', 0), /not JSON/],
    ['invalid UTF-8', Buffer.concat([file('', 0, 3), Buffer.from([0x22, 0xff, 0x22])]), /not JSON/],
    ['an array', file('[]', 0), /not an object/],
    ['null', file('null', 0), /not an object/],
    ['metadata of numbers', file({ __metadata__: { a: 1 } }, 0), /__metadata__/],
    ['an entry that is not an object', file({ w: 3 }, 0), /entry of tensor "w"/],
    ['an unknown type', file({ w: entry(0, 4, [1], 'F31') }, 4), /element type of tensor "w".*got "F31"/],
    ['a type named like a method', file({ w: entry(0, 4, [1], 'constructor') }, 4), /element type/],
    ['a negative shape', file({ w: entry(0, 4, [-1]) }, 4), /shape of tensor "w"/],
    ['a fractional shape', file({ w: entry(0, 4, [1.5]) }, 4), /shape of tensor "w"/],
    [
      'offsets that are not a pair',
      file({ w: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4),
      /data_offsets of tensor "w"/,
    ],
    ['offsets out of order', file({ w: entry(4, 0, [1]) }, 4), /"w" are out of order/],
    [
      'a size that does not match the shape',
      file({ w: entry(0, 8, [3]) }, 8),
      /size of tensor "w": expected 12 bytes.*got 8/,
    ],
    ['a shape whose size overflows', file({ w: entry(0, 4, [2 ** 50, 2 ** 50]) }, 4), /size of tensor "w"/],
    ['overlap', file({ a: entry(0, 8), b: entry(4, 12) }, 12), /"b" overlaps/],
    ['a hole', file({ a: entry(0, 4), b: entry(8, 12) }, 12), /Unused bytes before tensor "b"/],
    ['a hole at the start', file({ a: entry(4, 8) }, 8), /Unused bytes before tensor "a"/],
    [
      'truncated data',
      file({ a: entry(0, 4), b: entry(4, 400) }, 8),
      /"b" reaches past the end: the file is truncated/,
    ],
    ['trailing bytes', file({ a: entry(0, 4) }, 5), /after the last tensor/],
    [
      'a name of a megabyte with a control character of terminals',
      file({ [`\u009b31m${'x'.repeat(1e6)}`]: entry(0, 4, [-1]) }, 4),
      /^[\u0020-\u007e…]{1,400}$/,
    ],
    [
      'a shape of a million sizes',
      file(
        {
          w: entry(
            0,
            4,
            Array.from({ length: 1e6 }, () => 2),
          ),
        },
        4,
      ),
      /F32 \[2, 2, 2, 2, 2, 2, 2, 2, …\], got 4/,
    ],
    ['a type of a megabyte', file({ w: entry(0, 4, [1], 'F'.repeat(1e6)) }, 4), /got "F{100}"/],
    ['a shape nested without end', endless, /Wrong shape of tensor "w".*got \[{…}\]/],
  ])('decodeSafetensors refuses %s', (_what, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'runs/a.safetensors')).toThrow(
      expect.objectContaining({ code: 'checkpoint', message: expect.stringMatching(message) as string }) as Error,
    );
    expect(() => decodeSafetensors(bytes, 'runs/a.safetensors')).toThrow(/runs\/a\.safetensors/);
  });

  it('`decodeSafetensors` refuses every truncation of a valid file', () => {
    const bytes = encodeSafetensors(tensors, { a: 'b' });
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(/training\/decodeSafetensors/);
  });

  it('`encodeSafetensors` refuses data that does not fit its shape or type', () => {
    expect(() => encodeSafetensors({ w: { dtype: 'F32', shape: [2], data: Float32Array.of(1) } })).toThrow(
      /tensor "w".*2 elements.*got a Float32Array of 1/,
    );
    expect(() => encodeSafetensors({ w: { dtype: 'I32', shape: [1], data: Float32Array.of(1) } })).toThrow(
      /Int32Array/,
    );
    expect(() => encodeSafetensors({ __metadata__: { dtype: 'F32', shape: [1], data: Float32Array.of(1) } })).toThrow(
      /a name other than/,
    );
  });
});

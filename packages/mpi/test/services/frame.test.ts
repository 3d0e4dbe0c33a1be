import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, type Memories } from '../../src/frame.ts';

const sharedOf = (...bytes: readonly number[]): SharedArrayBuffer => {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
};
const bytesOf = (memory: ArrayBufferLike, count: number): readonly number[] => [...new Uint8Array(memory, 0, count)];

describe('encodeFrame and decodeFrame', () => {
  it('`decodeFrame(encodeFrame(x))` equals `x`, also for typed arrays, buffers, and values that JSON cannot store', () => {
    const letters = [
      { kind: 'post', worker: 3, message: { kind: 'start', data: { a: undefined, n: NaN, big: 2n, d: new Date(0) } } },
      { kind: 'post', message: { stats: new Float32Array([1, -0]), rows: new ArrayBuffer(5), status: ['converged'] } },
      { kind: 'end' },
    ];
    expect(decodeFrame(encodeFrame(letters))).toEqual(letters);
  });

  it('the encoded length is a multiple of eight bytes', () => {
    for (let n = 0; n < 20; n++)
      expect(encodeFrame([{ kind: 'x'.repeat(n), message: { memory: new SharedArrayBuffer(n) } }]).length % 8).toBe(0);
  });

  it('a SharedArrayBuffer in several messages is encoded once, and the decoded messages share it', () => {
    const [shared, other] = [sharedOf(...Array.from({ length: 10_000 }, (_, i) => i % 256)), sharedOf(9)];
    const message = { variables: shared, batch: other, again: shared };
    const frame = encodeFrame([1, 2, 3].map((worker) => ({ kind: 'post', worker, message })));
    expect(frame.length).toBeLessThan(10_700);
    const letters = decodeFrame(frame) as readonly { readonly message: typeof message }[];
    const first = letters[0]!.message;
    expect(first.variables).toBeInstanceOf(SharedArrayBuffer);
    expect(bytesOf(first.variables, 10_000)).toEqual(bytesOf(shared, 10_000));
    expect(bytesOf(first.batch, 1)).toEqual([9]);
    expect(first.again).toBe(first.variables);
    expect(letters[2]!.message.variables).toBe(first.variables);
  });

  it('decodeFrame reuses the SharedArrayBuffers of an earlier frame if they are large enough', () => {
    const memories: Memories = [];
    const read = (memory: SharedArrayBuffer): SharedArrayBuffer =>
      (
        decodeFrame(encodeFrame([{ kind: 'post', message: { memory } }]), memories) as {
          message: { memory: SharedArrayBuffer };
        }[]
      )[0]!.message.memory;
    const first = read(sharedOf(1, 2, 3));
    const second = read(sharedOf(4, 5));
    expect(second).toBe(first);
    expect(bytesOf(second, 3)).toEqual([4, 5, 3]);
    expect(read(sharedOf(1, 2, 3, 4))).not.toBe(first);
  });

  it('an encoded frame is a copy: later writes to the original buffer do not change the frame', () => {
    const memory = sharedOf(1);
    const frame = encodeFrame([{ kind: 'post', message: { memory } }]);
    new Uint8Array(memory)[0] = 2;
    const [letter] = decodeFrame(frame) as { message: { memory: SharedArrayBuffer } }[];
    frame.fill(0);
    expect(bytesOf(letter!.message.memory, 1)).toEqual([1]);
  });
});

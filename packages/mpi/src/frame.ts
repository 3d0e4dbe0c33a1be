import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { UNIT } from './mpi.ts';

/**
 * One request or response between two ranks. A letter may contain a message, whose fields may be `SharedArrayBuffer`s.
 */
export interface Letter {
  readonly kind: string;
  readonly message?: unknown;
}

/**
 * Encodes letters (requests and responses between ranks) as bytes. The bytes contain the structured clone of the
 * letters, followed by the contents of each `SharedArrayBuffer` that is a field of a message. A buffer that occurs
 * several times is encoded once. The length in bytes is a multiple of 8. The encoding begins with float64 numbers: the
 * number of buffers, the length of the clone in bytes, and the length of each buffer in bytes. The clone and the
 * contents of the buffers follow.
 */
export const encodeFrame = (letters: readonly Letter[]): Uint8Array => {
  // A clone that leaves the process cannot hold a `SharedArrayBuffer`. An empty `ArrayBuffer`, which is declared as
  // transferred, replaces each `SharedArrayBuffer`.
  const standIns = new Map<SharedArrayBuffer, ArrayBuffer>();
  const serializer = new DefaultSerializer();
  const standIn = (memory: SharedArrayBuffer): ArrayBuffer => {
    const known = standIns.get(memory);
    if (known !== undefined) return known;
    const made = new ArrayBuffer(0);
    serializer.transferArrayBuffer(standIns.size, made);
    standIns.set(memory, made);
    return made;
  };
  const plain = letters.map((letter) =>
    letter.message === undefined
      ? letter
      : {
          ...letter,
          message: Object.fromEntries(
            Object.entries(letter.message as object).map(([name, value]) => [
              name,
              value instanceof SharedArrayBuffer ? standIn(value) : (value as unknown),
            ]),
          ),
        },
  );
  serializer.writeHeader();
  serializer.writeValue(plain);
  const clone = serializer.releaseBuffer();
  const memories = [...standIns.keys()];
  const head = new Float64Array([memories.length, clone.length, ...memories.map(({ byteLength }) => byteLength)]);
  const length = head.byteLength + clone.length + memories.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const frame = new Uint8Array(UNIT * Math.ceil(length / UNIT));
  let at = 0;
  for (const part of [head.buffer, clone, ...memories]) {
    const bytes = part instanceof Uint8Array ? part : new Uint8Array(part);
    frame.set(bytes, at);
    at += bytes.length;
  }
  return frame;
};

/** `SharedArrayBuffer`s into which `decodeFrame` copies the shared buffers of a frame, by their index in the frame. */
export type Memories = SharedArrayBuffer[];

/**
 * Decodes a frame, which consists of bytes that `encodeFrame` returned. Typed arrays in the result are views of the
 * frame, so the caller must not change the frame afterwards. A `SharedArrayBuffer` of the result is reused from
 * `memories` if that buffer is large enough. A reused buffer may be larger than the buffer that was sent. Read a
 * decoded message before you decode the next message with the same `memories`.
 */
export const decodeFrame = (frame: Uint8Array, memories: Memories = []): unknown => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const number = (place: number): number => view.getFloat64(8 * place, LITTLE_ENDIAN);
  const [count, length] = [number(0), number(1)];
  const start = 8 * (2 + count);
  const deserializer = new DefaultDeserializer(frame.subarray(start, start + length));
  let at = start + length;
  for (let i = 0; i < count; i++) {
    const bytes = number(2 + i);
    if ((memories[i]?.byteLength ?? -1) < bytes) memories[i] = new SharedArrayBuffer(bytes);
    new Uint8Array(memories[i]!).set(frame.subarray(at, at + bytes));
    deserializer.transferArrayBuffer(i, memories[i] as unknown as ArrayBuffer);
    at += bytes;
  }
  deserializer.readHeader();
  return deserializer.readValue();
};

/**
 * Whether this machine is little-endian. All platforms of Node are little-endian, except s390x. All ranks must have the
 * same byte order.
 */
const LITTLE_ENDIAN = new Uint8Array(new Float64Array([1]).buffer)[7] !== 0;

import { scalar, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { assertBackend } from './backend.ts';
import { FlowError } from './errors.ts';
import { fillBits } from './fill-bits.ts';
import { shown } from './shown.ts';
import { sizeOf, type Shape } from './tensor.ts';

/**
 * Key of a random number generator. The same key gives the same numbers on every backend and in every process. Use a
 * key once; derive other keys with {@link fold} and {@link split}.
 */
export interface Key {
  /** Upper 32 bits of the key, as a signed integer. */
  readonly high: number;
  /** Lower 32 bits of the key, as a signed integer. */
  readonly low: number;
  /** Index of the first row of this part in the whole batch; see {@link fromRow}. Default 0. */
  readonly row?: number;
  /** Names of the rows of a batch; see {@link forRows}. */
  readonly names?: readonly number[];
}

/**
 * Returns the key for a part of a batch that begins at row `row`. Tensors drawn with this key, or with keys derived
 * from it, have the numbers that these rows have in the whole batch. Rows are the first dimension of a tensor. Scalars
 * and the results of `bits`, `uniforms`, `normals` and `drawPermutation` belong to the whole batch and are the same for
 * every part.
 */
export const fromRow = (k: Key, row: number): Key => ({ ...k, row });

/**
 * Returns the given key for a batch whose rows have names. A name is an integer in `[0, 2^53)`. The numbers of a row,
 * under this key and every key derived from it, then depend on the name of the row and not on its index. Rows are the
 * first dimension of a tensor. Numbers on the host, and tensors with another number of rows, belong to the whole batch
 * and do not change.
 */
export const forRows = (k: Key, names: readonly number[]): Key => ({ ...k, names });

/**
 * Returns the 64 random bits of Threefry-2x32 with 20 rounds for a counter and a key, as two integers.
 *
 * @see Salmon, Moraes, Dror, Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011, section 4.2.
 */
export const threefry = ({ high, low }: Key, counterHigh: number, counterLow: number): readonly [number, number] => {
  const schedule = [high, low, high ^ low ^ 0x1bd11bda] as const;
  let x0 = (counterHigh + high) | 0;
  let x1 = (counterLow + low) | 0;
  for (let group = 0; group < 5; group++) {
    const rotations = group % 2 === 0 ? EVEN_ROTATIONS : ODD_ROTATIONS;
    for (let i = 0; i < 4; i++) {
      const r = rotations[i]!;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    x0 = (x0 + schedule[(group + 1) % 3]!) | 0;
    x1 = (x1 + schedule[(group + 2) % 3]! + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
};
const EVEN_ROTATIONS = [13, 15, 26, 6] as const;
const ODD_ROTATIONS = [17, 29, 16, 24] as const;

/** Returns the key of a seed, an integer in `[0, 2^53)`. @throws `option` for another seed. */
export const key = (seed: number): Key => {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new FlowError('option', 'core/key', 'Wrong seed', { expected: 'an integer in [0, 2^53)', got: shown(seed) });
  }
  return { high: Math.floor(seed / 2 ** 32) | 0, low: seed | 0 };
};

/** @throws `input` if a key is missing, or is the number of a seed. */
const assertKey = (k: Key | undefined): void => {
  if (typeof k === 'object' && k !== null) return;
  throw new FlowError('input', 'core/key', 'Wrong key', { expected: 'a key', got: shown(k), hint: 'Write key(0).' });
};

/** Derives a key from a key and a number, for example the index of a step or of a block. */
export const fold = (k: Key, data: number): Key => {
  assertKey(k);
  // The top bit of the counter separates derived keys from drawn numbers.
  const [high, low] = threefry(k, 0x80000000 | Math.floor(data / 2 ** 32), data | 0);
  return {
    high: high | 0,
    low: low | 0,
    ...(k.row === undefined ? {} : { row: k.row }),
    ...(k.names === undefined ? {} : { names: k.names }),
  };
};

/** Derives `count` independent keys; 2 by default. */
export const split = (k: Key, count = 2): readonly Key[] => Array.from({ length: count }, (_, i) => fold(k, i));

/** Returns `count` integers, uniform in `[0, 2^32)`: elements `start`, `start + 1`, ... of the key's sequence. */
export const bits = (k: Key, count: number, start = 0): Uint32Array => {
  assertKey(k);
  // Each counter gives two numbers.
  const skipped = start % 2;
  const out = new Uint32Array(2 * Math.ceil((skipped + count) / 2));
  fillBits(out, k, (start - skipped) / 2);
  return out.subarray(skipped, skipped + count);
};

/** Returns `count` numbers, uniform in the open interval `(0, 1)`, with 32 random bits each. */
export const uniforms = (k: Key, count: number, start = 0): Float64Array => {
  const words = bits(k, count, start);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) out[i] = (words[i]! + 0.5) / 2 ** 32;
  return out;
};

/**
 * Returns `count` standard normal numbers.
 *
 * @see Box, Muller, A Note on the Generation of Random Normal Deviates, 1958.
 */
export const normals = (k: Key, count: number, start = 0): Float64Array => {
  // The Box-Muller method makes pairs.
  const skipped = start % 2;
  const u = uniforms(k, 2 * Math.ceil((skipped + count) / 2), start - skipped);
  const out = new Float64Array(u.length);
  for (let i = 0; i < u.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(u[i]!));
    const angle = 2 * Math.PI * u[i + 1]!;
    out[i] = radius * Math.cos(angle);
    out[i + 1] = radius * Math.sin(angle);
  }
  return out.subarray(skipped, skipped + count);
};

/**
 * Returns a uniformly random permutation of `0 .. count - 1`.
 *
 * @see Durstenfeld, Algorithm 235: Random Permutation, 1964.
 */
export const drawPermutation = (k: Key, count: number): Uint32Array => {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const u = uniforms(k, count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(u[i]! * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
};

type Draw = (k: Key, count: number, start: number) => ArrayLike<number>;

/**
 * Returns `[rows, perRow]` numbers. A row's numbers depend on its index or name: see {@link fromRow}, {@link forRows}.
 */
const ofRows = (k: Key, rows: number, perRow: number, draw: Draw): ArrayLike<number> => {
  assertKey(k);
  const { high, low, row = 0, names } = k;
  if (names === undefined || names.length !== rows) return draw(k, rows * perRow, row * perRow);
  const values = new Float64Array(rows * perRow);
  names.forEach((name, i) => values.set(draw(fold({ high, low }, name), perRow, 0), i * perRow));
  return values;
};

/**
 * Returns `[rows, perRow]` numbers, uniform in the open interval `(0, 1)`. Unlike the numbers of {@link uniforms}, the
 * numbers belong to their rows: see {@link fromRow} and {@link forRows}.
 */
export const rowUniforms = (k: Key, rows: number, perRow: number): Float64Array =>
  ofRows(k, rows, perRow, uniforms) as Float64Array;

const filled = (k: Key, shape: Shape, draw: Draw): Tensor => {
  assertBackend('core/key');
  if (shape.length === 0) return scalar(draw(k, 1, 0)[0]!);
  const values = ofRows(k, shape[0]!, sizeOf(shape.slice(1)), draw);
  return tensor(values instanceof Float32Array ? values : Float32Array.from(values), [...shape]);
};

/** Returns a tensor of uniform numbers in `[low, high]`. */
export const drawUniform = (k: Key, shape: Shape, low = 0, high = 1): Tensor =>
  filled(k, shape, (own, count, start) => uniforms(own, count, start).map((u) => low + (high - low) * u));

/** Returns a tensor of standard normal numbers. */
export const drawNormal = (k: Key, shape: Shape): Tensor => filled(k, shape, normals);

/** Returns a tensor of `+1` and `-1`, with equal probability. */
export const drawRademacher = (k: Key, shape: Shape): Tensor =>
  filled(k, shape, (own, count, start) => {
    // Each random integer gives 32 signs.
    const first = Math.floor(start / 32);
    const words = bits(own, Math.ceil((start + count) / 32) - first, first);
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const at = start - 32 * first + i;
      out[i] = (words[at >>> 5]! >>> (at & 31)) & 1 ? 1 : -1;
    }
    return out;
  });

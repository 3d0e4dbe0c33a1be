// Four partial sums, because additions to a single sum must wait for each other.

/** Returns the sum of the squares of `n` numbers from `at` on, in float64. */
export const squares = (x: Float32Array, at: number, n: number): number => {
  const end = at + n;
  let a = 0,
    b = 0,
    c = 0,
    d = 0;
  for (; at + 4 <= end; at += 4) {
    a += x[at]! * x[at]!;
    b += x[at + 1]! * x[at + 1]!;
    c += x[at + 2]! * x[at + 2]!;
    d += x[at + 3]! * x[at + 3]!;
  }
  for (; at < end; at++) a += x[at]! * x[at]!;
  return a + b + (c + d);
};

/** Returns the inner product of `n` numbers from `atX` and from `atY` on, in float64. */
export const inner = (x: Float32Array, atX: number, y: Float32Array, atY: number, n: number): number => {
  let a = 0,
    b = 0,
    c = 0,
    d = 0,
    i = 0;
  for (; i + 4 <= n; i += 4) {
    a += x[atX + i]! * y[atY + i]!;
    b += x[atX + i + 1]! * y[atY + i + 1]!;
    c += x[atX + i + 2]! * y[atY + i + 2]!;
    d += x[atX + i + 3]! * y[atY + i + 3]!;
  }
  for (; i < n; i++) a += x[atX + i]! * y[atY + i]!;
  return a + b + (c + d);
};

/** Copies `n` numbers. For more than a few dozen numbers, `TypedArray.set` is faster than a loop. */
export const copy = (from: Float32Array, at: number, to: Float32Array, atTo: number, n: number): void => {
  if (n >= 48) to.set(from.subarray(at, at + n), atTo);
  else for (let i = 0; i < n; i++) to[atTo + i] = from[at + i]!;
};

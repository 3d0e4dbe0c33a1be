// Random test cases for every kernel, with shapes as in training. The cases include edges of tiles, empty arrays, NaN,
// infinities and denormals.
import { fold, uniforms, type Key } from '@impflow/core';
import type { KernelName } from '@impflow/kernels-native';

/** Random numbers, and memory for the inputs of one case. */
export interface Draw {
  /** Returns a random number in `[0, 1)`. */
  next(): number;
  /** Returns a random integer from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  /** Returns a random size from 1 to 300. Small sizes are more frequent. */
  size(): number;
  /** Returns a random element of `choices`. */
  of<T>(choices: readonly T[]): T;
  /**
   * Returns the address of new random numbers in `[-range, range]`. If `odd` is true, a few numbers are NaN, infinite
   * or denormal.
   */
  numbers(count: number, options?: { readonly range?: number; readonly positive?: boolean }): number;
  /** Returns the address of scratch memory. */
  room(floats: number): number;
  /** Returns the address of random bytes that are 0 or 1. */
  flags(count: number): number;
  /** Returns the address of the integers below `count`, in a random order. */
  order(count: number): number;
  /** Whether some numbers of this case are NaN, infinite or denormal. */
  readonly odd: boolean;
}

/**
 * A test case: sizes of the outputs in floats, and a function from the addresses of the outputs to the arguments of the
 * kernel.
 */
export interface Case {
  readonly outputs: readonly number[];
  readonly args: (at: readonly number[]) => readonly number[];
}

/** Special numbers of floating-point arithmetic, and numbers near the overflow of the exponential. */
const ODD = [Number.NaN, Infinity, -Infinity, 1e-42, -1e-40, -0, 3e38, 88, -88, 1e10];

/** Returns a source of random numbers that allocates floats from `start` on. */
export const drawOf = (key: Key, floats: Float32Array, start: number): Draw => {
  let batch = 0;
  let left: number[] = [];
  const next = (): number => {
    if (left.length === 0) left = Array.from(uniforms(fold(key, batch++), 4096));
    return left.pop()!;
  };
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const odd = next() < 0.3;
  let free = start;
  const room = (count: number): number => {
    free += Math.ceil(count / 4) * 4 + 4;
    return free - Math.ceil(count / 4) * 4 - 4;
  };
  return {
    next,
    whole,
    odd,
    size: () => {
      const kind = next();
      return kind < 0.3 ? whole(1, 6) : kind < 0.7 ? whole(1, 40) : whole(1, 300);
    },
    of: (choices) => choices[whole(0, choices.length - 1)]!,
    room: (count) => 4 * room(count),
    flags: (count) => {
      const at = 4 * room(count);
      const bytes = new Uint8Array(floats.buffer, at, count);
      for (let i = 0; i < count; i++) bytes[i] = whole(0, 1);
      return at;
    },
    order: (count) => {
      const at = 4 * room(count);
      const places = new Int32Array(floats.buffer, at, count);
      for (let i = 0; i < count; i++) {
        const other = whole(0, i);
        places[i] = places[other]!;
        places[other] = i;
      }
      return at;
    },
    numbers: (count, { range = 2, positive = false } = {}) => {
      const at = room(count);
      for (let i = 0; i < count; i++) {
        const number = odd && next() < 0.003 ? ODD[whole(0, ODD.length - 1)]! : range * (2 * next() - 1);
        floats[at + i] = positive ? Math.abs(number) : number;
      }
      return 4 * at;
    },
  };
};

/**
 * Draws a matrix product: with any transposition, and with no addend, a bias, a matrix, or its own output as addend.
 */
const product = (draw: Draw): Case => {
  const [m, n] = [draw.size(), draw.size()];
  const depth = draw.next() < 0.1 ? draw.whole(257, 600) : draw.size();
  const [a, b, add] = [draw.numbers(m * depth), draw.numbers(depth * n), draw.numbers(m * n)];
  const [aStrides, bStrides] = [
    draw.next() < 0.4 ? [4, 4 * m] : [4 * depth, 4],
    draw.next() < 0.4 ? [4, 4 * depth] : [4 * n, 4],
  ];
  const kind = draw.of(['none', 'bias', 'matrix', 'self']);
  return {
    outputs: [m * n],
    args: ([out]) => [
      a,
      ...aStrides,
      b,
      ...bStrides,
      out!,
      m,
      n,
      depth,
      ...(kind === 'none' ? [0, 0] : kind === 'bias' ? [add, 0] : kind === 'matrix' ? [add, 4 * n] : [out!, 4 * n]),
    ],
  };
};

const activation =
  (...parameters: readonly number[]) =>
  (draw: Draw): Case => {
    const n = draw.size() * draw.size();
    const a = draw.numbers(n, { range: draw.of([3, 100]) });
    return { outputs: [n, n], args: ([value, slope]) => [a, value!, slope!, n, ...parameters] };
  };

const anderson = (draw: Draw): Case => {
  const [d, batch, held] = [draw.whole(1, 12), draw.whole(1, 70), draw.whole(0, 4)];
  const k = held + (draw.next() < 0.5 && held > 0 ? 0 : 1);
  const [y, gap, lastY, lastGap] = Array.from({ length: 4 }, () => draw.numbers(batch * d));
  const [values, gaps] = Array.from({ length: 2 }, () => draw.numbers(batch * held * d));
  const scratch = draw.room(4 * (2 * d * (k + 1) + k * (k + 1)));
  return {
    outputs: [batch * k * d, batch * k * d, batch * d],
    args: ([outValues, outGaps, next]) => [
      y!,
      gap!,
      lastY!,
      lastGap!,
      values!,
      gaps!,
      outValues!,
      outGaps!,
      next!,
      scratch,
      batch,
      d,
      held,
      k,
      0.9,
      1e-4,
    ],
  };
};

/**
 * Draws the sizes of a convolution, and the image lines per block. A block with lines of several images contains whole
 * images.
 */
const image = (draw: Draw): readonly number[] => {
  const [h, w, batch] = [draw.whole(1, 9), draw.whole(1, 15), draw.whole(1, 5)];
  const n = draw.of([1, 2, 3, 4, 8, 12, 16, 20]);
  const m = draw.of([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 20, 31, 37]);
  const [kh, kw] = draw.of([
    [3, 3],
    [1, 3],
    [3, 1],
    [5, 5],
    [3, 5],
  ]) as readonly [number, number];
  const lines = draw.whole(1, 20);
  return [batch, h, w, n, m, kh, kw, lines > h ? lines - (lines % h) : lines];
};

/** Floats of scratch memory for a convolution in WebAssembly. No case needs more scratch memory. */
const SCRATCH = 1 << 20;

/** Draws the number of tangents, and the number of elements of each tangent. */
const tangents = (draw: Draw): readonly [number, number] => [draw.whole(0, 3), draw.whole(1, 600)];

/** For each kernel a function that draws a case. `packB` and `gemmPacked` are tested together: see `packed`. */
export const CASES: Readonly<
  Record<Exclude<KernelName, 'packB' | 'packedBytes' | 'gemmPacked'>, (draw: Draw) => Case>
> = {
  addScaled: (draw) => {
    const n = draw.size() * draw.size();
    const [x, y] = [draw.numbers(n), draw.numbers(n)];
    return { outputs: [n], args: ([out]) => [x, 1.7, y, out!, n] };
  },
  addTo: (draw) => {
    const n = draw.size() * draw.size();
    const x = draw.numbers(n);
    return { outputs: [n], args: ([out]) => [out!, x, n] };
  },
  adam: (draw) => {
    const n = draw.whole(1, 700);
    const [theta, gradient, m] = Array.from({ length: 3 }, () => draw.numbers(n));
    const v = draw.numbers(n, { positive: true });
    return { outputs: [n, n, n], args: (out) => [theta!, gradient!, m!, v, ...out, 0.1, 0.001, 0.01, 1e-8, 0.99, n] };
  },
  andersonLanes: anderson,
  broyden: (draw) => {
    const [d, batch] = [draw.whole(1, 12), draw.whole(1, 70)];
    const [inverse, scratch] = [draw.numbers(batch * d * d), draw.room(4 * d * (d + 4))];
    const [dy, dF, target] = Array.from({ length: 3 }, () => draw.numbers(batch * d));
    return {
      outputs: [batch * d * d, batch * d],
      args: ([next, step]) => [inverse, dy!, dF!, target!, next!, step!, scratch, batch, d],
    };
  },
  clear: (draw) => {
    const n = draw.size();
    return { outputs: [n], args: ([out]) => [out!, 4 * n] };
  },
  convSame: (draw) => {
    const [batch, h, w, n, m, kh, kw, lines] = image(draw) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const [x, filter, bias] = [draw.numbers(batch * h * w * n), draw.numbers(kh * kw * n * m), draw.numbers(m)];
    const [transposed, scratch] = [draw.whole(0, 1), draw.room(SCRATCH)];
    const added = draw.next() < 0.5 ? bias : 0;
    return {
      outputs: [batch * h * w * m],
      args: ([out]) => [x, filter, added, out!, batch, h, w, n, m, kh, kw, transposed, lines, scratch],
    };
  },
  convSameGradient: (draw) => {
    const [batch, h, w, n, m, kh, kw, lines] = image(draw) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const further = draw.whole(0, 2);
    const [x, u] = [draw.numbers(batch * h * w * n), draw.numbers(batch * h * w * m)];
    const [ts, ws] = [draw.numbers(2 * h * w * n), draw.numbers(2 * h * w * m)];
    const scratch = draw.room(SCRATCH);
    return {
      outputs: [kh * kw * n * m],
      args: ([out]) => [x, u, batch, ts, ws, further, out!, h, w, n, m, kh, kw, lines, scratch],
    };
  },
  curvature: (draw) => {
    const n = draw.size() * draw.size();
    const [op, value, slope] = [draw.whole(1, 4), draw.numbers(n), draw.numbers(n)];
    return { outputs: [n], args: ([out]) => [op, value, slope, out!, n, 1.7] };
  },
  eliminate: (draw) => {
    const [d, batch, k] = draw.of([
      [draw.whole(1, 12), draw.whole(1, 70), draw.whole(1, 3)],
      [draw.whole(13, 128), draw.whole(1, 5), 1],
    ]);
    const [a, rhs] = [draw.numbers(batch * d * d), draw.numbers(batch * d * k)];
    const scratch = draw.room(4 * d * (d + k));
    return {
      outputs: [batch * d * k, batch],
      args: ([solution, logDet]) => [a, rhs, solution!, logDet!, scratch, batch, d, k],
    };
  },
  eluSlope: activation(0.7, 1.3, 0.91),
  gemm: product,
  gemmBatch: (draw) => {
    const [m, n, depth] = [draw.whole(1, 40), draw.whole(1, 40), draw.whole(1, 40)];
    const [a, b, bias] = [draw.numbers(3 * m * depth), draw.numbers(3 * depth * n), draw.numbers(n)];
    const [aStep, bStep] = [draw.of([0, 4 * m * depth]), draw.of([0, 4 * depth * n])];
    const added = draw.next() < 0.5 ? bias : 0;
    return {
      outputs: [3 * m * n],
      args: ([out]) => [3, aStep, bStep, a, 4 * depth, 4, b, 4 * n, 4, out!, m, n, depth, added],
    };
  },
  invertInPlace: (draw) => {
    // The matrix is inverted in place. So the case declares the matrix as an output, which has equal initial contents
    // for the native kernel and the kernel in WebAssembly.
    const n = draw.whole(1, 70);
    return { outputs: [n * n], args: ([a]) => [a!, n] };
  },
  largestSingular: (draw) => {
    const [rows, columns] = [draw.size(), draw.size()];
    const weight = draw.numbers(rows * columns, { range: draw.of([0, 1, 1e20]) });
    const start = draw.numbers(columns);
    const steps = Math.min(rows + 1, columns, draw.of([2, 1000]));
    const room = Math.min(steps, draw.of([4, 48]));
    const even = (n: number): number => n + (n % 2);
    const scratch = draw.room(2 * (room * even(rows) + (room + 1) * even(columns) + 7 * (room + 1)));
    const tolerance = draw.of([1e-5, 1e-2]);
    return {
      outputs: [rows, columns],
      args: ([u, v]) => [weight, start, u!, v!, scratch, rows, columns, steps, room, tolerance],
    };
  },
  lipSwishPullback: (draw) => {
    const [count, size] = tangents(draw);
    const [u, a, slope] = Array.from({ length: 3 }, () => draw.numbers(size));
    const [ts, ws] = Array.from({ length: 2 }, () => draw.numbers(count * size));
    const b = draw.numbers(1, { positive: true });
    return {
      outputs: [size, count * size, 1],
      args: ([gradient, pulled, ofB]) => [u!, a!, b, slope!, ts!, ws!, gradient!, pulled!, ofB!, count, size],
    };
  },
  lipSwishSlope: (draw) => {
    const n = draw.size() * draw.size();
    const [a, b] = [draw.numbers(n, { range: draw.of([3, 100]) }), draw.numbers(1, { positive: true })];
    return { outputs: [n, n], args: ([value, slope]) => [a, b, value!, slope!, n] };
  },
  logDet: (draw) => {
    const [d, batch] = draw.of([
      [draw.whole(1, 14), draw.whole(1, 70)],
      [draw.whole(15, 128), draw.whole(1, 5)],
    ]);
    const tangents = draw.numbers(d * batch * d, { range: 0.5 });
    const scratch = draw.room(4 * d * (d + 1));
    return {
      outputs: [batch, d * batch * d],
      args: ([logDets, gradient]) => [tangents, logDets!, gradient!, scratch, batch, d],
    };
  },
  pullTangent: (draw) => {
    const n = draw.whole(1, 600);
    const [u, slope, curvature, tangent, cotangent] = Array.from({ length: 5 }, () => draw.numbers(n));
    const first = draw.next() < 0.5 ? u! : 0;
    return {
      outputs: [n, n],
      args: ([gradient, pulled]) => [first, slope!, curvature!, tangent!, cotangent!, gradient!, pulled!, 1.3, n],
    };
  },
  repeat: (draw) => {
    const [count, width, times] = [draw.whole(0, 9), draw.whole(1, 40), draw.whole(0, 9)];
    const x = draw.numbers(count * width);
    return { outputs: [count * width * times], args: ([out]) => [x, out!, count, 4 * width, times] };
  },
  rootBegin: (draw) => {
    const [d, count, from] = [draw.whole(1, 40), draw.whole(1, 60), draw.whole(0, 10)];
    const h = draw.numbers((from + count) * d);
    return { outputs: [count * d, count], args: ([y, index]) => [h, y!, index!, from, count, d] };
  },
  rootCompact: (draw) => {
    const [width, count] = [draw.whole(1, 40), draw.whole(1, 60)];
    const going = draw.flags(count);
    return { outputs: [count * width], args: ([rows]) => [rows!, 4 * width, going, count] };
  },
  rootDeliver: (draw) => {
    const [width, count] = [draw.whole(1, 40), draw.whole(1, 60)];
    const [x, index, going] = [draw.numbers(count * width), draw.order(count), draw.flags(count)];
    return { outputs: [count * width], args: ([out]) => [x, 4 * width, index, going, out!, count] };
  },
  rootImage: (draw) => {
    const [d, count] = [draw.whole(1, 40), draw.whole(1, 60)];
    const [y, g, h] = Array.from({ length: 3 }, () => draw.numbers(count * d));
    const index = draw.order(count);
    return { outputs: [count * d], args: ([image]) => [y!, g!, h!, index, image!, count, d] };
  },
  rootJudge: (draw) => {
    const [d, count] = [draw.whole(1, 40), draw.whole(1, 60)];
    const [y, image] = Array.from({ length: 2 }, () => draw.numbers(count * d));
    const index = draw.order(count);
    const [step, last] = [draw.whole(0, 2), draw.of([0, 0, 1])];
    return {
      outputs: [count * d, 4 * count, count, count],
      args: ([z, evidence, steps, going]) => [
        y!,
        image!,
        index,
        z!,
        evidence!,
        steps!,
        going!,
        0.5,
        0.3,
        1.5,
        step,
        last!,
        count,
        d,
        count,
      ],
    };
  },
  rootNewton: (draw) => {
    const [d, batch] = [draw.whole(1, 12), draw.whole(1, 70)];
    const [jacobian, target] = [draw.numbers(d * batch * d, { range: 0.5 }), draw.numbers(batch * d)];
    const scratch = draw.room(4 * d * (d + 3));
    return {
      outputs: [batch * d * d, batch * d],
      args: ([inverse, step]) => [jacobian, target, inverse!, step!, scratch, batch, d],
    };
  },
  rootSeed: (draw) => {
    const [n, count] = [draw.whole(1, 300), draw.whole(1, 60)];
    const [w, slope] = [draw.numbers(n), draw.numbers(count * n)];
    return { outputs: [count * n], args: ([out]) => [w, slope, out!, count, n] };
  },
  sampleNorm: (draw) => {
    const [rows, n] = [draw.whole(0, 60), draw.whole(1, 60)];
    const x = draw.numbers(rows * n, { range: draw.of([1, 1e30]) });
    return { outputs: [rows], args: ([out]) => [x, out!, rows, n] };
  },
  sinSlope: activation(),
  snakeSlope: activation(),
  softplusSlope: activation(),
  sum: (draw) => {
    const [inner, reduced] = draw.next() < 0.3 ? [1, draw.size() * draw.size()] : [draw.size(), draw.size()];
    const x = draw.numbers(2 * reduced * inner);
    return { outputs: [2 * inner], args: ([out]) => [x, 2, reduced, inner, out!] };
  },
  tangentProduct: (draw) => {
    const [count, size] = tangents(draw);
    const [slope, ts] = [draw.numbers(size), draw.numbers(count * size)];
    return { outputs: [count * size], args: ([out]) => [ts, slope, out!, count, size] };
  },
  tangentPullback: (draw) => {
    const [count, size] = tangents(draw);
    const [u, slope, curvature] = Array.from({ length: 3 }, () => draw.numbers(size));
    const [ts, ws] = Array.from({ length: 2 }, () => draw.numbers(count * size));
    return {
      outputs: [size, count * size],
      args: ([gradient, pulled]) => [u!, slope!, curvature!, ts!, ws!, gradient!, pulled!, 1.3, count, size],
    };
  },
  tanhSlope: activation(),
  transpose: (draw) => {
    const [rows, columns, planes] = [draw.whole(1, 90), draw.whole(1, 90), draw.whole(1, 3)];
    const x = draw.numbers(planes * rows * columns);
    const size = 4 * rows * columns;
    return {
      outputs: [planes * rows * columns],
      args: ([out]) => [x, out!, rows, 4 * columns, columns, 4 * rows, planes, size, size, 1, 0, 0],
    };
  },
  transposedSolve: (draw) => {
    const [d, batch] = [draw.whole(1, 12), draw.whole(1, 70)];
    const jacobian = draw.numbers(batch * d * d);
    const rhs = draw.next() < 0.1 ? draw.numbers(batch * d, { range: 0 }) : draw.numbers(batch * d);
    const scratch = draw.room(4 * d * (2 * d + 3));
    return {
      outputs: [batch * d, 4 * batch],
      args: ([u, evidence]) => [jacobian, rhs, u!, evidence!, scratch, batch, d, 1e-6],
    };
  },
};

/** Draws a product with a packed matrix: the arguments of `packedBytes`, of `packB` and of `gemmPacked`. */
export const packed = (draw: Draw) => {
  const [m, n, depth] = [draw.size(), draw.size(), draw.size()];
  const [a, b, bias] = [draw.numbers(m * depth), draw.numbers(depth * n), draw.numbers(n)];
  const [row, column] = draw.next() < 0.5 ? [4, 4 * depth] : [4 * n, 4];
  const added = draw.next() < 0.5 ? bias : 0;
  return {
    size: [depth, n] as const,
    pack: (to: number) => [b, row!, column!, depth, n, to],
    outputs: [m * n],
    args: (matrix: number, out: number, scratch: number) => [a, matrix, out, m, n, depth, added, scratch],
  };
};

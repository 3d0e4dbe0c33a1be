import { cpu } from '@impflow/backend-cpu';
import { sampleNorm, type Iterate, type Solver, type TensorMap } from '@impflow/core';
import { testSolver } from '@impflow/testkit';
import {
  add,
  clipByValue,
  concat,
  div,
  isNaN,
  keep,
  maximum,
  mean,
  min,
  mul,
  reshape,
  slice,
  step,
  sub,
  sum,
  tensor1d,
  tensor2d,
  where,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

interface State extends Iterate {
  readonly image: Tensor;
}

const at = (f: TensorMap, value: Tensor): State => {
  const image = f(value);
  return { value, image, residual: sampleNorm(sub(image, value)) };
};
/** Correct fixed-point iteration. */
const sound: Solver<State> = {
  name: 'sound',
  problem: 'fixed-point',
  init: (f, y0) => at(f, y0.clone()),
  step: (f, { image }) => at(f, image),
};

const flattered = (state: State): State => ({ ...state, residual: mul(0.5, state.residual) });
const forgiving = (state: State): State => ({
  ...state,
  residual: where(isNaN(state.residual), zerosLike(state.residual), state.residual),
});
/** Returns the first half of a batch. */
const half = (x: Tensor): Tensor => slice(x, 0, x.shape[0]! / 2);

/** Returns the largest finite residual of a batch. */
const worst = ({ residual }: State): number => Math.max(0, ...residual.dataSync().filter(Number.isFinite));

const broken: readonly Solver<State>[] = [
  {
    ...sound,
    name: 'one step length for the whole batch',
    step: (f, { value, image, residual }) => at(f, add(value, mul(sub(image, value), sub(1, mul(0.1, min(residual)))))),
  },
  // All rows stop as soon as the row with the smallest residual has converged.
  {
    ...sound,
    name: 'stops all rows when one is done',
    step: (f, state) => (min(state.residual).dataSync()[0]! < 1e-4 ? at(f, state.value.clone()) : at(f, state.image)),
  },
  // Corrects all rows while the largest residual of the batch is at least 0.05.
  {
    ...sound,
    name: 'corrects by the worst row',
    step: (f, state) => {
      const next = at(f, state.image);
      return worst(state) < 0.05 ? next : at(f, add(next.value, mul(0.2, sub(next.image, next.value))));
    },
  },
  { ...sound, name: 'spreads NaN', step: (f, { image }) => at(f, add(image, mul(0, mean(image)))) },
  { ...sound, name: 'leaks a tensor', step: (f, { image }) => at(f, keep(image.clone())) },
  {
    ...sound,
    name: 'understates its residual',
    init: (f, y0) => flattered(at(f, y0.clone())),
    step: (f, { image }) => flattered(at(f, image)),
  },
  { ...sound, name: 'iterates clipped at 50', step: (f, { image }) => at(f, clipByValue(image, -50, 50)) },
  { ...sound, name: 'does nothing', step: (f, { value }) => at(f, value.clone()) },
  {
    ...sound,
    name: 'throws where it diverges',
    step: (f, { image }) => {
      const state = at(f, image);
      if (state.residual.dataSync().some((norm) => norm > 1e3)) throw new Error('diverged');
      return state;
    },
  },
  { ...sound, name: 'finds a fixed point of half the map', step: (f, { image }) => at(f, mul(0.5, image)) },
  // Replaces NaN by zero, so that a map with NaN converges immediately.
  {
    ...sound,
    name: 'treats NaN as a solution',
    init: (f, y0) => forgiving(at(f, y0.clone())),
    step: (f, { image }) => forgiving(at(f, image)),
  },
  {
    ...sound,
    name: 'leaks where it diverges',
    step: (f, { image }) => {
      const state = at(f, image);
      if (state.residual.dataSync().some((norm) => norm > 1e3)) keep(image.clone());
      return state;
    },
  },
  {
    ...sound,
    name: 'evaluates two points in one batch',
    step: (f, { image }) => at(f, half(f(concat([image, image])))),
  },
  {
    ...sound,
    name: 'evaluates two points in one batch where the map accepts it',
    step: (f, { image }) => {
      try {
        return at(f, half(f(concat([image, image]))));
      } catch {
        return at(f, f(image));
      }
    },
  },
];

/** The crossed secant method without a guard: it divides 0 by 0 once the iterate does not change. */
interface Secant extends State {
  readonly last: State | null;
}
const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, true);
const dividing: Solver<Secant> = {
  name: 'divides by zero at its solution',
  problem: 'fixed-point',
  init: (f, y0) => ({ ...at(f, y0.clone()), last: null }),
  step: (f, { last, ...here }) => {
    const gap = sub(here.image, here.value);
    if (last === null) return { ...at(f, here.image), last: here };
    const change = sub(gap, sub(last.image, last.value));
    return {
      ...at(f, sub(here.image, mul(div(dot(sub(here.image, last.image), change), dot(change, change)), gap))),
      last: here,
    };
  },
};

/** Leaks tensors in all steps after the fiftieth. */
interface Counted extends State {
  readonly steps: number;
}
const tiring: Solver<Counted> = {
  name: 'leaks after fifty steps',
  problem: 'fixed-point',
  init: (f, y0) => ({ ...at(f, y0.clone()), steps: 0 }),
  step: (f, { image, steps }) => {
    if (steps > 50) keep(image.clone());
    return { ...at(f, image), steps: steps + 1 };
  },
};

/** Solvers that keep data outside their state. */
const remembering: readonly (() => Solver<State>)[] = [
  () => {
    let weights: readonly number[] | undefined;
    return {
      ...sound,
      name: 'keeps an array with the length of its first batch',
      step: (f, { value, image }) => {
        weights ??= Array.from({ length: value.shape[0]! }, () => 1);
        return at(f, add(value, mul(tensor2d(weights.map((weight) => [weight])), sub(image, value))));
      },
    };
  },
  () => {
    let last: Float32Array | undefined;
    return {
      ...sound,
      name: 'starts at the end of the last solve',
      init: (f, y0) => at(f, last?.length === y0.size ? tensor2d(last, y0.shape as [number, number]) : y0.clone()),
      step: (f, { image }) => {
        last = image.dataSync().slice() as Float32Array;
        return at(f, image);
      },
    };
  },
  () => {
    let steps = 0;
    return {
      ...sound,
      name: 'counts steps outside its state',
      init: (f, y0) => {
        steps = 0;
        return at(f, y0.clone());
      },
      step: (f, { value, image }) => at(f, ++steps % 4 === 0 ? mul(0.5, add(value, image)) : image),
    };
  },
  () => {
    let steps = 0;
    return {
      ...sound,
      name: 'counts steps over all solves',
      step: (f, { value, image }) => at(f, ++steps % 7 === 0 ? mul(0.5, add(value, image)) : image),
    };
  },
];

/** Returns correct iteration whose reported residuals are changed. `change` gets the iterate, and returns its residual. */
const reporting = (name: string, change: (state: State) => Tensor): Solver<State> => {
  const told = (state: State): State => ({ ...state, residual: change(state) });
  return { ...sound, name, init: (f, y0) => told(at(f, y0.clone())), step: (f, { image }) => told(at(f, image)) };
};
/** Returns a column of numbers, one for each row of a batch. */
const ofRows = (x: Tensor, of: (row: number) => number): Tensor =>
  tensor1d(Array.from({ length: x.shape[0]! }, (_, row) => of(row)));

/** Solvers that are wrong only for long batches, wide events, single rows, large numbers, or after many solves. */
const rarely: readonly (() => Solver<State>)[] = [
  () =>
    reporting('halves its residuals from row 600 on', ({ residual }) =>
      mul(
        residual,
        ofRows(residual, (row) => (row < 600 ? 1 : 0.5)),
      ),
    ),
  () =>
    reporting('a residual of the first 32 entries', ({ value, image }) => {
      const gap = reshape(sub(image, value), [value.shape[0]!, -1]);
      return sampleNorm(slice(gap, [0, 0], [-1, Math.min(32, gap.shape[1]!)]));
    }),
  () =>
    reporting('residuals relative to values above 1000', ({ value, residual }) =>
      div(residual, maximum(1, div(sampleNorm(value), 1000))),
    ),
  () =>
    reporting('a residual 0.1 percent too small in row 11', ({ residual }) =>
      mul(
        residual,
        ofRows(residual, (row) => (row === 11 ? 0.999 : 1)),
      ),
    ),
  () => {
    let solves = 0;
    return {
      ...sound,
      name: 'half steps from the 41st solve on',
      init: (f, y0) => {
        solves++;
        return at(f, y0.clone());
      },
      step: (f, { value, image }) => at(f, solves > 40 ? mul(0.5, add(value, image)) : image),
    };
  },
];

/** Solvers that are wrong after many steps, for some widths, or for small residuals. */
const narrowly: readonly (() => Solver<State>)[] = [
  () => {
    let steps = 0;
    return {
      ...sound,
      name: 'shorter steps from the 2001st step of the instance on',
      step: (f, { value, image }) => at(f, add(value, mul(Math.min(1, 2000 / ++steps), sub(image, value)))),
    };
  },
  () =>
    reporting('a residual of blocks of eight entries', ({ value, image }) => {
      const gap = reshape(sub(image, value), [value.shape[0]!, -1]);
      const width = gap.shape[1]!;
      return sampleNorm(slice(gap, [0, 0], [-1, width < 8 ? width : 8 * Math.floor(width / 8)]));
    }),
  () =>
    reporting('a residual of the first 256 entries', ({ value, image }) => {
      const gap = reshape(sub(image, value), [value.shape[0]!, -1]);
      return sampleNorm(slice(gap, [0, 0], [-1, Math.min(256, gap.shape[1]!)]));
    }),
  // A row of zeros counts as padding. The product keeps NaN.
  () =>
    reporting('a residual of 0 where the iterate is 0', ({ value, residual }) =>
      mul(residual, step(sampleNorm(reshape(value, [value.shape[0]!, -1])))),
    ),
  () => ({
    ...sound,
    name: 'evaluates the map last at the previous iterate',
    step: (f, { value, image }) => {
      const next = at(f, image);
      f(value);
      return next;
    },
  }),
  // The product keeps NaN.
  () => reporting('residuals below 2e-6 count as 0', ({ residual }) => mul(residual, step(sub(residual, 2e-6)))),
];

for (const solver of [sound, ...broken]) testSolver({ solver: () => solver, backends: [cpu()] });
for (const solver of [dividing, tiring] as readonly Solver[]) testSolver({ solver: () => solver, backends: [cpu()] });
for (const solver of [...remembering, ...rarely, ...narrowly]) testSolver({ solver, backends: [cpu()] });

import { load } from './em-kernel.ts';
import type { MixtureCovariance, MixtureModel } from './mixture-fit.ts';

/** Number of rows that the kernel processes together. */
const WIDTH = 8;

/**
 * Sums over rows for the maximization step. Each row counts in proportion to its weight and its posterior probability.
 */
export interface Moments {
  /** Sum of the weights of each component, `[K]`. */
  readonly totals: Float64Array;
  /** Sums of `x - mean` with the mean of the component, `[K, d]`. */
  readonly firsts: Float64Array;
  /**
   * Sums of products of `x - mean`, as lower triangles row by row. Full: `[K, d (d + 1) / 2]`. Diagonal: the squares,
   * `[K, d]`. Tied: one triangle `[d (d + 1) / 2]` of `x` itself, over all components.
   */
  readonly seconds: Float64Array;
}

/** Result of an expectation step. */
export interface Expected extends Moments {
  /** Weighted mean of `log p` over the rows, in nats. */
  readonly logLikelihood: number;
}

/** Rows in the memory of the kernel. A later call of {@link packRows} overwrites them. */
export interface PackedRows {
  /** Runs the expectation step and returns the sums that the maximization step needs. */
  expect(model: MixtureModel): Expected;
  /** Returns `log p` of each row in nats, `[n]`. */
  logProbs(model: MixtureModel): Float64Array;
  /**
   * Returns the likeliest component of each row, `[n]`. If all components are negligible beside the fixed density, the
   * result may be any component.
   */
  likeliest(model: MixtureModel): Int32Array;
  /** Returns the cost of all steps so far in multiplications. An exponential counts as 20 multiplications. */
  work(): number;
}

/** Options of {@link packRows}. */
interface PackOptions extends Pick<MixtureModel, 'dim' | 'components' | 'covariance'> {
  /** Weights of the rows, `[n]`. Default: all weights are 1. */
  readonly weights?: Float64Array | undefined;
  /** Logarithm of a fixed density that is added to the mixture, at each row, `[n]`. Default: none. */
  readonly floor?: Float64Array | undefined;
  /**
   * The components to which the rows probably belong, `[n]`. The rows are then sorted by component, which makes the
   * steps faster: the computation of a component stops as soon as it is negligible at all eight rows. Results for rows
   * are in the order of the rows.
   */
  readonly labels?: Int32Array | undefined;
}

/** Which sums the kernel computes for each kind of covariance: see `moments` in packages/flows/assembly/em.ts. */
const MOMENTS: Readonly<Record<MixtureCovariance, number>> = { tied: 1, diagonal: 2, full: 3 };

/**
 * Copies rows `[n, d]` into the memory of the kernel that runs expectation steps in WebAssembly, in float64.
 *
 * @remarks A step costs up to `n K d^2 / 2` multiplications, and as many again for the moments of full covariances. The
 * computation for a component stops as soon as its distance to the rows makes it negligible. The results of a row
 * depend on other rows only by rounding errors of float64, and are the same on every machine with WebAssembly.
 */
export const packRows = (rows: Float64Array, options: PackOptions): PackedRows => {
  const { dim: d, components: K, covariance, weights, floor, labels } = options;
  const count = rows.length / d;
  const strips = Math.ceil(count / WIDTH);
  const triangle = (d * (d + 1)) / 2;
  const [full, tied] = [covariance === 'full', covariance === 'tied'];
  const factorSize = covariance === 'diagonal' ? d : d * d;
  const sums = tied ? K + 1 : K;
  const { pass, reals, integers } = load(
    {
      x: strips * d * WIDTH,
      floor: strips * WIDTH,
      weights: strips * WIDTH,
      logProbs: strips * WIDTH,
      fixed: strips * WIDTH,
      factors: (tied ? 1 : K) * factorSize,
      means: sums * d,
      constants: K,
      totals: 2 * sums,
      firsts: 2 * sums * d,
      seconds: 2 * (full ? K * triangle : tied ? triangle : K * d),
      scratch: WIDTH * (d + 4) + (WIDTH + 1) * K,
    },
    { nearest: strips, likeliest: strips * WIDTH },
  );
  const order = labels === undefined ? undefined : sortedBy(labels);
  const rowAt = (place: number): number => {
    const at = Math.min(place, count - 1);
    return order === undefined ? at : order[at]!;
  };
  for (let place = 0; place < strips * WIDTH; place++) {
    const row = rowAt(place);
    const begin = Math.floor(place / WIDTH) * d * WIDTH + (place % WIDTH);
    for (let j = 0; j < d; j++) reals.x[begin + j * WIDTH] = rows[row * d + j]!;
    reals.floor[place] = floor?.[row] ?? -Infinity;
    reals.weights[place] = place < count ? (weights?.[row] ?? 1) : 0;
  }
  for (let strip = 0; strip < strips; strip++) integers.nearest[strip] = labels?.[rowAt(strip * WIDTH)] ?? 0;
  const total = reals.weights.reduce((sum, weight) => sum + weight, 0);

  let work = 0;

  const run = (model: MixtureModel, moments: number): void => {
    reals.factors.set(model.factors);
    reals.means.set(model.means);
    if (tied) reals.means.fill(0, K * d);
    reals.constants.set(constantsOf(model));
    for (const sum of [reals.totals, reals.firsts, reals.seconds]) sum.fill(0);
    const kind = covariance === 'diagonal' ? 1 : 0;
    const stride = tied ? 0 : 8 * factorSize;
    const at = (array: Float64Array | Int32Array): number => array.byteOffset;
    const { nearest, likeliest } = integers;
    work += pass(
      at(reals.x),
      strips,
      d,
      K,
      kind,
      at(reals.factors),
      stride,
      at(reals.means),
      at(reals.constants),
      at(reals.floor),
      at(reals.weights),
      at(nearest),
      at(likeliest),
      at(reals.logProbs),
      at(reals.fixed),
      moments,
      at(reals.totals),
      at(reals.firsts),
      at(reals.seconds),
      at(reals.scratch),
    );
  };
  /** Returns numbers of the rows in the order of the rows. */
  const ofRows = <Numbers extends Float64Array | Int32Array>(values: Numbers, out: Numbers): Numbers => {
    for (let place = 0; place < count; place++) out[rowAt(place)] = values[place]!;
    return out;
  };
  return {
    expect: (model) => {
      run(model, MOMENTS[covariance]);
      let sum = 0;
      for (let place = 0; place < count; place++) sum += reals.weights[place]! * reals.logProbs[place]!;
      return {
        logLikelihood: sum / total,
        totals: joined(reals.totals).subarray(0, K),
        firsts: joined(reals.firsts).subarray(0, K * d),
        seconds: joined(reals.seconds),
      };
    },
    logProbs: (model) => {
      run(model, 0);
      return ofRows(reals.logProbs, new Float64Array(count));
    },
    likeliest: (model) => {
      run(model, 0);
      return ofRows(integers.likeliest, new Int32Array(count));
    },
    work: () => work,
  };
};

/** Returns the rows in the order of their labels. Rows with the same label keep their order. */
const sortedBy = (labels: Int32Array): Uint32Array =>
  Uint32Array.from(labels.keys()).sort((a, b) => labels[a]! - labels[b]! || a - b);

/** Adds the two parts of each sum. */
const joined = (parts: Float64Array): Float64Array =>
  Float64Array.from({ length: parts.length / 2 }, (_, i) => parts[2 * i]! + parts[2 * i + 1]!);

/** Returns `log weight + log det A - d/2 log 2 pi` of each component. */
const constantsOf = ({ dim: d, components: K, covariance, weights, factors }: MixtureModel): Float64Array =>
  Float64Array.from({ length: K }, (_, k) => {
    const begin = covariance === 'tied' ? 0 : k * (covariance === 'full' ? d * d : d);
    const step = covariance === 'diagonal' ? 1 : d + 1;
    let sum = Math.log(weights[k]!) - 0.5 * d * Math.log(2 * Math.PI);
    for (let j = 0; j < d; j++) sum += Math.log(factors[begin + j * step]!);
    return sum;
  });

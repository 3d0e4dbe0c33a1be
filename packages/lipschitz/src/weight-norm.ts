import { capabilities, FlowError, fold, fused, normals, scoped, type Key, type NamedVariables, type RefreshOptions } from '@impflow/core';
import { matMul, reshape, tensor, tensor1d, variable, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { localDual, localSide } from './cap-weight.ts';
import { inducedNorm } from './induced-norm.ts';
import { orderValue, type LearnableOrder, type Order } from './learnable-order.ts';
import { times } from './power-iteration.ts';
import { largestBySquaring } from './squaring.ts';
import { dual, dualOrder, orderSlope } from './vector-norm.ts';

/**
 * A norm of a weight `W` as `sigma = sum D W` with `D` held constant.
 *
 * @remarks By the envelope theorem that is the right gradient for every norm here: `sigma` is the maximum of `u^T W v` over
 * unit vectors, so `d sigma / dW = u v^T` at those that attain it; how they move with `W` does not matter to first order.
 */
export interface WeightNorm {
  /** Orders to be learned, with the buffers that hold `d sigma / d raw`, `[1]`. */
  readonly orders: Readonly<Partial<Record<'domain' | 'codomain', LearnedOrder>>>;
  readonly buffers: NamedVariables;
  /** Summing over these axes gives `sigma`: one number, or one per column or row. */
  readonly axes: readonly number[];
  /** `D`, `[outputs, inputs]`. */
  slope(): Tensor;
  /** Where `D` is `u v^T`: those. */
  readonly vectors?: { readonly u: Tensor; readonly v: Tensor };
  /** Brings `D` up to date with the weight. */
  refresh(weight: Tensor, options: RefreshOptions): void;
}

export interface LearnedOrder {
  readonly raw: Variable;
  readonly slope: Variable;
}

/** The norm of a dense layer's weight. */
export interface DenseNorm {
  /** `p` of the norm on inputs. Default 2. */
  readonly domain?: Order;
  /** `q` of the norm on outputs. Default 2. */
  readonly codomain?: Order;
  /**
   * Cap each column (`domain` 1) or row (`codomain` Infinity) by its own norm, rather than all by the largest: keeps the same
   * bound and lets small ones be. Default false.
   */
  readonly local?: boolean;
}

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** The induced norm of the whole weight, from buffers `u [rows]` and `v [columns]`. */
const globalNorm = ({ rows, columns }: Size, domain: Order, codomain: Order, key: Key): WeightNorm => {
  const u = scoped(() => variable(unitVector(fold(key, 0), rows, dualOrder(orderValue(codomain)))));
  const v = scoped(() => variable(unitVector(fold(key, 1), columns, orderValue(domain))));
  const orders = { ...learned('domain', domain), ...learned('codomain', codomain) };
  const spectral = domain === 2 && codomain === 2;
  const slopes = Object.entries(orders).map(([name, { slope }]) => [`${name}Slope`, slope] as const);
  const onHost = (weight: Tensor, options: RefreshOptions): readonly [Tensor, Tensor] => {
    const [p, q] = [orderValue(domain), orderValue(codomain)];
    const values = hostValues(weight);
    const found = inducedNorm(values, rows, columns, p, q, options, v.dataSync());
    // A zero weight has no such vectors, and one that is not finite must not spoil them for good.
    if (!(found.norm > 0 && found.norm < Infinity)) return [u.clone(), v.clone()];
    // sigma = max |W v|_q / |v|_p: the envelope theorem again, now in the orders.
    const follow = (order: LearnableOrder, slope: Variable, relative: number): void => assign(slope, Float64Array.of(found.norm * relative * order.rate()));
    if (typeof domain !== 'number') follow(domain, orders.domain!.slope, -orderSlope(found.v, p));
    if (typeof codomain !== 'number') follow(codomain, orders.codomain!.slope, orderSlope(times(values, found.v, rows), q));
    return [tensor1d(Float32Array.from(found.u)), tensor1d(Float32Array.from(found.v))];
  };
  return {
    orders,
    buffers: { u, v, ...Object.fromEntries(slopes) },
    axes: [0, 1],
    vectors: { u, v },
    slope: () => matMul(reshape(u, [rows, 1]), reshape(v, [1, columns])),
    refresh: (weight, options) => scoped(() => {
      const { tolerance, iterations = Infinity } = options;
      const search = (): readonly [Tensor, Tensor] =>
        spectral && staysOnDevice() ? largestBySquaring(weight, u, v, tolerance ?? 1e-5) : onHost(weight, options);
      const [nextU, nextV] = spectral && tolerance !== undefined
        ? fused('ImpflowLargestSingular', { weight, u, v }, { tolerance, iterations }, search) : search();
      u.assign(nextU as typeof u);
      v.assign(nextV as typeof v);
    }),
  };
};

/** One norm per column or row, from a buffer `dual [rows, columns]`. Exact after each refresh. */
const localNorm = ({ rows, columns }: Size, p: number, q: number): WeightNorm => {
  const slope = scoped(() => variable(zeros([rows, columns])));
  return {
    orders: {},
    buffers: { dual: slope },
    axes: localSide(p, q) === 'columns' ? [0] : [1],
    slope: () => slope.clone(),
    refresh: (weight) => { assign(slope, localDual(hostValues(weight), rows, columns, p, q)); },
  };
};

/** Whether a search by products beats one that brings the weight to the host: where a read-back waits for another device. */
const staysOnDevice = (): boolean => capabilities().device === 'gpu';

const hostValues = (weight: Tensor): Float32Array => {
  if (capabilities().syncRead) return weight.dataSync<'float32'>() as Float32Array;
  throw new FlowError('unsupported', 'lipschitz/refresh', 'This norm is found on the host, and the running backend cannot be read at once', {
    expected: 'domain 2 and codomain 2', hint: 'Use the spectral norm, or another backend.',
  });
};

export const weightNorm = (size: Size, { domain = 2, codomain = 2, local = false }: DenseNorm, key: Key): WeightNorm => {
  if (!local) return globalNorm(size, domain, codomain, key);
  if (typeof domain === 'number' && typeof codomain === 'number') return localNorm(size, domain, codomain);
  throw new FlowError('option', 'lipschitz/dense', 'A local cap cannot learn its orders', { expected: 'numbers for domain and codomain', hint: 'Leave `local` out.' });
};

const learned = (name: 'domain' | 'codomain', order: Order): WeightNorm['orders'] =>
  typeof order === 'number' ? {} : { [name]: { raw: order.raw, slope: scoped(() => variable(zeros([1]))) } };

/** A random vector with p-norm one. */
const unitVector = (key: Key, size: number, p: number): Tensor => tensor1d(Float32Array.from(dual(normals(key, size), dualOrder(p))));

const assign = (target: Variable, values: Float64Array): void => {
  const next = tensor(Float32Array.from(values), target.shape);
  target.assign(next);
  next.dispose();
};

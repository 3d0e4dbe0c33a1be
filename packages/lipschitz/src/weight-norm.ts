import {
  capabilities,
  FlowError,
  fold,
  kernel,
  normals,
  scoped,
  sizeOf,
  type Key,
  type NamedVariables,
  type RefreshOptions,
  type Shape,
} from '@impflow/core';
import { tensor, variable, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { localDual, localSide } from './cap-weight.ts';
import { largestByPower } from './device-power.ts';
import { gramLanczos } from './gram-lanczos.ts';
import { inducedNormOf } from './induced-norm.ts';
import { orderValue, type LearnableOrder, type Order } from './learnable-order.ts';
import { largestBySquaring } from './squaring.ts';
import { dual, dualOrder, orderSlope } from './vector-norm.ts';
import type { WeightAction } from './weight-action.ts';

/**
 * A norm of a weight `W`, as `sigma = <D, W>`: the sum of the elementwise product of `W` with a tensor `D` that is held
 * constant.
 *
 * @remarks `sigma` is the maximum of `u^T W v` over unit vectors. By the envelope theorem, `d sigma / dW = u v^T` at
 * the vectors `u` and `v` that attain the maximum: the change of these vectors with `W` has no first-order effect.
 */
export interface WeightNorm {
  /**
   * Learned orders of the norm. Each order has a buffer of shape `[1]` with the derivative of `sigma` with respect to
   * `raw`, the parameter from which the order is computed.
   */
  readonly orders: Readonly<Partial<Record<'domain' | 'codomain', LearnedOrder>>>;
  readonly buffers: NamedVariables;
  /**
   * Axes over which the elementwise product of `D` and `W` is summed: all axes for one `sigma`, or one axis for a
   * `sigma` per column or row.
   */
  readonly axes: 'all' | readonly number[];
  /** Returns the tensor `D`, shaped as the weight. */
  slope(): Tensor;
  /** The vectors `u` and `v`, if `D` is `u v^T`. */
  readonly vectors?: { readonly u: Tensor; readonly v: Tensor };
  /** Updates the tensor `D` to the present weight. */
  refresh(weight: Tensor, options: RefreshOptions): void;
}

interface LearnedOrder {
  readonly raw: Variable;
  readonly slope: Variable;
}

/** The norm in which a layer's weight is capped. */
export interface InducedNormOptions {
  /** Order `p` of the p-norm on inputs. Default 2. */
  readonly domain?: Order;
  /** Order `q` of the q-norm on outputs. Default 2. */
  readonly codomain?: Order;
  /**
   * Caps each column (`domain` 1) or row (`codomain` Infinity) by its own norm, instead of scaling the whole matrix by
   * the largest norm. The bound does not change, but columns or rows with small norms are not scaled down. Default
   * false.
   */
  readonly local?: boolean;
}

/**
 * Finds unit vectors `[u [m], v [n]]` of the largest singular value `s` of `weight [m, n]`. Stops at
 * `|W^T u - s v| <= tolerance s`, or after `iterations` steps of Lanczos bidiagonalization (Infinity: no limit). Starts
 * from the given `v` plus a pseudorandom direction computed from a hash of `v`. For a weight that is zero or not
 * finite, returns the given vectors.
 */
const largestSingular = kernel<
  { readonly weight: Tensor; readonly u: Tensor; readonly v: Tensor },
  { readonly tolerance: number; readonly iterations: number }
>('ImpflowLargestSingular');

/** Returns the induced norm of the whole weight, with buffers `u` and `v` shaped as the output and the input. */
const globalNorm = (action: WeightAction, domain: Order, codomain: Order, key: Key): WeightNorm => {
  const { inputs, outputs } = action;
  const u = scoped(() => variable(unit(fold(key, 0), outputs, dualOrder(orderValue(codomain)))));
  const v = scoped(() => variable(unit(fold(key, 1), inputs, orderValue(domain))));
  const orders = { ...learned('domain', domain), ...learned('codomain', codomain) };
  const spectral = domain === 2 && codomain === 2;
  const slopes = Object.entries(orders).map(([name, { slope }]) => [`${name}Slope`, slope] as const);
  const onHost = (weight: Tensor, options: RefreshOptions): readonly [Tensor, Tensor] => {
    const [p, q] = [orderValue(domain), orderValue(codomain)];
    assertReadable();
    const operator = action.onHost(weight);
    const found = inducedNormOf(operator, p, q, options, v.dataSync());
    // For a zero weight no vectors attain a positive norm. For a weight that is not finite the valid vectors must not
    // be overwritten.
    if (!(found.norm > 0 && found.norm < Infinity)) return [u.clone(), v.clone()];
    // The derivative of sigma = max |A v|_q / |v|_p with respect to the orders, by the envelope theorem.
    const follow = (order: LearnableOrder, slope: Variable, relative: number): void =>
      assign(slope, Float64Array.of(found.norm * relative * order.rate()));
    if (typeof domain !== 'number') follow(domain, orders.domain!.slope, -orderSlope(found.v, p));
    if (typeof codomain !== 'number') follow(codomain, orders.codomain!.slope, orderSlope(operator.times(found.v), q));
    return [tensor(new Float32Array(found.u), [...outputs]), tensor(new Float32Array(found.v), [...inputs])];
  };
  return {
    orders,
    buffers: { u, v, ...Object.fromEntries(slopes) },
    axes: 'all',
    ...(action.outer === true ? { vectors: { u, v } } : {}),
    slope: () => action.slope(u, v),
    refresh: (weight, options) =>
      scoped(() => {
        const { tolerance, iterations = Infinity } = options;
        const { matrix } = action;
        const search = (): readonly [Tensor, Tensor] => {
          if (spectral && staysOnDevice())
            return matrix === undefined
              ? largestByPower(action, weight, { u, v }, options)
              : largestBySquaring(matrix(weight), u, v, tolerance ?? 1e-5);
          return spectral && matrix === undefined && tolerance !== undefined
            ? gramLanczos(action, weight, { u, v }, options)
            : onHost(weight, options);
        };
        const [nextU, nextV] =
          spectral && tolerance !== undefined && matrix !== undefined
            ? largestSingular.run(
                { weight: action.outer === true ? weight : matrix(weight), u, v },
                { tolerance, iterations },
                search,
              )
            : search();
        u.assign(nextU as typeof u);
        v.assign(nextV as typeof v);
      }),
  };
};

/**
 * Returns one norm per column or row of a matrix, with a buffer `dual [rows, columns]`. The norms are exact after each
 * refresh.
 */
const localNorm = ({ inputs, outputs }: WeightAction, p: number, q: number): WeightNorm => {
  const [rows, columns] = [sizeOf(outputs), sizeOf(inputs)];
  const slope = scoped(() => variable(zeros([rows, columns])));
  return {
    orders: {},
    buffers: { dual: slope },
    axes: localSide(p, q) === 'columns' ? [0] : [1],
    slope: () => slope.clone(),
    refresh: (weight) => {
      assertReadable();
      assign(slope, localDual(weight.dataSync(), rows, columns, p, q));
    },
  };
};

/**
 * Returns whether a search on the device is faster than a search on the host. On graphics cards a search on the device
 * is faster, because a read-back waits for all queued work.
 */
const staysOnDevice = (): boolean => capabilities().device === 'gpu';

const assertReadable = (): void => {
  if (capabilities().syncRead) return;
  throw new FlowError('unsupported', 'lipschitz/refresh', 'The backend cannot read tensors synchronously', {
    expected: 'domain 2 and codomain 2, without `local`',
    got: 'another norm',
    hint: 'Use the spectral norm, or another backend.',
  });
};

/**
 * Returns the norm of a weight that a cap limits.
 *
 * @throws `option` for a local cap of a convolution, with learned orders, or with orders other than `domain` 1 or
 * `codomain` Infinity.
 */
export const weightNorm = (
  action: WeightAction,
  { domain = 2, codomain = 2, local = false }: InducedNormOptions,
  key: Key,
): WeightNorm => {
  if (!local) return globalNorm(action, domain, codomain, key);
  if (action.outer !== true)
    throw new FlowError('option', 'lipschitz/conv', 'A convolution has no local cap', {
      expected: 'a norm of the whole filter',
      hint: 'Leave `local` out.',
    });
  if (typeof domain === 'number' && typeof codomain === 'number') return localNorm(action, domain, codomain);
  throw new FlowError('option', 'lipschitz/dense', 'A local cap cannot learn its orders', {
    expected: 'numbers for domain and codomain',
    hint: 'Leave `local` out.',
  });
};

/** Returns the learned orders, as parameters of a layer. */
export const orderParameters = ({ orders }: WeightNorm): Readonly<Record<string, Variable>> =>
  Object.fromEntries(Object.entries(orders).map(([name, { raw }]) => [name, raw]));

const learned = (name: 'domain' | 'codomain', order: Order): WeightNorm['orders'] =>
  typeof order === 'number' ? {} : { [name]: { raw: order.raw, slope: scoped(() => variable(zeros([1]))) } };

/** Returns a random vector of the given shape with p-norm 1. */
const unit = (key: Key, shape: Shape, p: number): Tensor =>
  tensor(Float32Array.from(dual(normals(key, sizeOf(shape)), dualOrder(p))), [...shape]);

const assign = (target: Variable, values: Float64Array): void => {
  const next = tensor(new Float32Array(values), target.shape);
  target.assign(next);
  next.dispose();
};

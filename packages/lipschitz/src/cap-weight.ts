import { FlowError, type RefreshOptions } from '@impflow/core';
import { inducedNorm } from './induced-norm.ts';
import { dual, dualOrder } from './vector-norm.ts';

/** Orders of an operator norm, and whether each column or row is capped separately. */
export interface NormOrders {
  /** Order `p` of the p-norm on inputs: a number of at least 1, or Infinity. Default 2. */
  readonly domain?: number;
  /** Order `q` of the q-norm on outputs. Default 2. */
  readonly codomain?: number;
  /**
   * If true, only the columns (`domain` 1) or rows (`codomain` Infinity) whose norm exceeds the cap are scaled down. If
   * false and the induced norm of the matrix exceeds the cap, the whole matrix is scaled down to the cap. Both have the
   * same bound. Default false.
   */
  readonly local?: boolean;
}

/** Options of {@link capWeight}. */
export interface CapOptions extends NormOrders {
  /** The cap `c > 0`. */
  readonly coeff: number;
}

/**
 * Returns `W / max(1, sigma / c)` for a row-major matrix `W [rows, columns]`, on the host in float64. `sigma` is the
 * induced norm of the matrix or, with `local`, the induced norm of each column or row. `options` limits the search for
 * the norm.
 *
 * @throws `option` for an order below 1, or for `local` with orders other than `domain` 1 or `codomain` Infinity.
 */
export const capWeight = (
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  { coeff, domain = 2, codomain = 2, local = false }: CapOptions,
  options?: RefreshOptions,
): Float64Array => {
  if (!local) {
    const { norm } = inducedNorm(matrix, rows, columns, domain, codomain, options);
    return Float64Array.from(matrix, (w) => w / Math.max(1, norm / coeff));
  }
  const side = localSide(domain, codomain);
  const slope = localDual(matrix, rows, columns, domain, codomain);
  const group = (at: number): number => (side === 'columns' ? at % columns : Math.floor(at / columns));
  const norms = new Float64Array(side === 'columns' ? columns : rows);
  slope.forEach((d, at) => {
    norms[group(at)] = norms[group(at)]! + d * matrix[at]!;
  });
  return Float64Array.from(matrix, (w, at) => w / Math.max(1, norms[group(at)]! / coeff));
};

/**
 * Returns whether a local cap scales columns or rows.
 *
 * @throws `option` unless `domain` is 1 or `codomain` is Infinity.
 */
export const localSide = (domain: number, codomain: number): 'columns' | 'rows' => {
  if (domain === 1) return 'columns';
  if (codomain === Infinity) return 'rows';
  throw new FlowError('option', 'lipschitz/capWeight', 'No local cap for this norm', {
    expected: 'domain 1 or codomain Infinity',
    got: `${domain} -> ${codomain}`,
    hint: 'Leave `local` out.',
  });
};

/**
 * Computes the gradients of the norms of all columns (or rows), `[rows, columns]`. The elementwise product of this
 * matrix with the weight, summed over a column (or row), is the norm of the column (or row).
 */
export const localDual = (
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
  domain: number,
  codomain: number,
): Float64Array => {
  const out = new Float64Array(rows * columns);
  const fill = (places: readonly number[], order: number): void => {
    dual(
      Float64Array.from(places, (at) => matrix[at]!),
      order,
    ).forEach((d, k) => {
      out[places[k]!] = d;
    });
  };
  if (localSide(domain, codomain) === 'columns') {
    for (let j = 0; j < columns; j++)
      fill(
        Array.from({ length: rows }, (_, i) => i * columns + j),
        codomain,
      );
  } else {
    for (let i = 0; i < rows; i++)
      fill(
        Array.from({ length: columns }, (_, j) => i * columns + j),
        dualOrder(domain),
      );
  }
  return out;
};

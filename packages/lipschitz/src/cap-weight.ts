import { FlowError, type RefreshOptions } from '@impflow/core';
import { inducedNorm } from './induced-norm.ts';
import { dual, dualOrder } from './vector-norm.ts';

export interface NormOrders {
  /** `p` of the norm on inputs: a number of at least 1, or Infinity. Default 2. */
  readonly domain?: number;
  /** `q` of the norm on outputs. Default 2. */
  readonly codomain?: number;
  /**
   * Cap each column (`domain` 1) or row (`codomain` Infinity) by its own norm, rather than all by the largest: keeps the same
   * bound and lets small ones be. Default false.
   */
  readonly local?: boolean;
}

export interface CapOptions extends NormOrders {
  /** The cap `c > 0`. */
  readonly coeff: number;
}

/**
 * `W / max(1, sigma / c)` on the host: `sigma` is the induced norm of the row-major `[rows, columns]` matrix or, where
 * `local`, that of each column or row.
 *
 * @throws `option` where `local` has no columns or rows to work on.
 */
export const capWeight = (
  matrix: ArrayLike<number>, rows: number, columns: number, { coeff, domain = 2, codomain = 2, local = false }: CapOptions, options?: RefreshOptions,
): Float64Array => {
  if (!local) {
    const { norm } = inducedNorm(matrix, rows, columns, domain, codomain, options);
    return Float64Array.from(matrix, (w) => w / Math.max(1, norm / coeff));
  }
  const side = localSide(domain, codomain);
  const slope = localDual(matrix, rows, columns, domain, codomain);
  const group = (at: number): number => side === 'columns' ? at % columns : Math.floor(at / columns);
  const norms = new Float64Array(side === 'columns' ? columns : rows);
  slope.forEach((d, at) => { norms[group(at)] = norms[group(at)]! + d * matrix[at]!; });
  return Float64Array.from(matrix, (w, at) => w / Math.max(1, norms[group(at)]! / coeff));
};

/** What a local cap works on. @throws `option` where the norm is not the largest of those of columns or rows. */
export const localSide = (domain: number, codomain: number): 'columns' | 'rows' => {
  if (domain === 1) return 'columns';
  if (codomain === Infinity) return 'rows';
  throw new FlowError('option', 'lipschitz/capWeight', 'No local cap for this norm', {
    expected: 'domain 1 or codomain Infinity', got: `${domain} -> ${codomain}`, hint: 'Leave `local` out.',
  });
};

/** The gradient of each column's (row's) norm, `[rows, columns]`: its product with the matrix, summed, is that norm. */
export const localDual = (matrix: ArrayLike<number>, rows: number, columns: number, domain: number, codomain: number): Float64Array => {
  const out = new Float64Array(rows * columns);
  const fill = (places: readonly number[], order: number): void => {
    dual(Float64Array.from(places, (at) => matrix[at]!), order).forEach((d, k) => { out[places[k]!] = d; });
  };
  if (localSide(domain, codomain) === 'columns') {
    for (let j = 0; j < columns; j++) fill(Array.from({ length: rows }, (_, i) => i * columns + j), codomain);
  } else {
    for (let i = 0; i < rows; i++) fill(Array.from({ length: columns }, (_, j) => i * columns + j), dualOrder(domain));
  }
  return out;
};

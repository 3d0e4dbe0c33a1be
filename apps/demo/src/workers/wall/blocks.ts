import {
  fold,
  sizeOf,
  type Bijector,
  type Contraction,
  type Key,
  type NamedVariables,
  type SolveReport,
} from '@impflow/core';
import { implicitBlock, residualBlock } from '@impflow/flows';
import { dense, maxMin, sequential } from '@impflow/lipschitz';
import type { Trainable } from '@impflow/training';
import { dispose, type Tensor } from '@tensorflow/tfjs-core';
import { LAYERS } from './target.ts';

/** One value for the implicit block, and one for the residual block. */
export interface Both<T> {
  readonly implicit: T;
  readonly residual: T;
}

/** A one-dimensional implicit block and a one-dimensional residual block, trained as one model. */
export interface Blocks {
  readonly model: Trainable;
  /** Number of parameters of each of the two blocks. */
  readonly parameters: Both<number>;
  /** Maps inputs `[B, 1]` through each of the two blocks. */
  forward(x: Tensor, key: Key, report?: (report: SolveReport) => void): Both<Tensor>;
  dispose(): void;
}

/**
 * Widths of the nets. The implicit block has two nets, the residual block has a single, wider net. With these widths
 * the residual block has slightly more parameters than the implicit block.
 */
const WIDTH: Both<number> = { implicit: 32, residual: 48 };
/** Tolerance of the implicit block's solve. */
const TOLERANCE = 1e-4;

/**
 * Creates one implicit and one residual block. Each block is initially the identity, because the last layer of each net
 * is zero.
 */
export const blocksOf = (coeff: number, key: Key): Blocks => {
  const implicit = implicitBlock({
    gx: net(WIDTH.implicit, coeff, fold(key, 0)),
    gz: net(WIDTH.implicit, coeff, fold(key, 1)),
    tolerance: { atol: TOLERANCE, rtol: TOLERANCE },
  });
  const residual = residualBlock({ g: net(WIDTH.residual, coeff, fold(key, 0)) });
  const model: Trainable = {
    parameters: { ...under('implicit', implicit.parameters), ...under('residual', residual.parameters) },
    buffers: { ...under('implicit', implicit.buffers), ...under('residual', residual.buffers) },
    refresh: (options) => {
      implicit.refresh(options);
      residual.refresh(options);
    },
  };
  return {
    model,
    parameters: { implicit: count(implicit), residual: count(residual) },
    forward: (x, key, report) => {
      const context = { key, ...(report === undefined ? {} : { train: true, report }) };
      return { implicit: implicit.forward(x, context), residual: residual.forward(x, context) };
    },
    dispose: () => dispose([...Object.values(model.parameters), ...Object.values(model.buffers)]),
  };
};

/**
 * Returns a net with one input and one output. The activation maxMin preserves the norm of gradients, so the net can
 * reach slopes near `coeff ** LAYERS`.
 */
const net = (width: number, coeff: number, key: Key): Contraction => {
  // The input and the output of the net are one-dimensional, and in one dimension all norms are equal. Therefore any
  // norm may be used for the layers. Bounding the infinity norm row by row is the weakest constraint that bounds the
  // slope of the net.
  const layer = (inputs: number, outputs: number, i: number) =>
    dense({
      inputs,
      outputs,
      coeff,
      zero: i === LAYERS - 1,
      key: fold(key, i),
      norm: { domain: Infinity, codomain: Infinity, local: true },
    });
  return sequential([1], [layer(1, width, 0), maxMin(), layer(width, width, 1), maxMin(), layer(width, 1, 2)]);
};

const under = (name: string, variables: NamedVariables): NamedVariables =>
  Object.fromEntries(Object.entries(variables).map(([path, variable]) => [`${name}.${path}`, variable]));
const count = ({ parameters }: Bijector): number =>
  Object.values(parameters).reduce((total, { shape }) => total + sizeOf(shape), 0);

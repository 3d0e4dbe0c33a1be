import { fold, scoped, drawUniform, type Key, type NamedVariables } from '@impflow/core';
import { add, conv2d, relu, variable, type Tensor, type Tensor4D, type Variable } from '@tensorflow/tfjs-core';
import { affineMap } from './linear-op.ts';

/** Options of {@link freeMlp}. */
interface FreeMlpOptions {
  /** Widths of the input, of each hidden layer, and of the output; for images, their numbers of channels. */
  readonly widths: readonly number[];
  /**
   * Side of the filter of each layer in pixels, for images. Without this option the layers are dense and act on rows.
   */
  readonly kernels?: readonly number[];
  /** Random key for the initial weights. */
  readonly key: Key;
}

/** A net with ReLU between its layers and no bound on its slope. The weights of the last layer start as zero. */
interface FreeMlp {
  /**
   * Trainable variables: `layers.<i>.weight`, `[outputs, inputs]` or `[side, side, inputs, outputs]`, and
   * `layers.<i>.bias`.
   */
  readonly parameters: NamedVariables;
  /**
   * Returns the output of the net, `[B, inputs] -> [B, outputs]`; for images the last axis changes. Differentiable.
   */
  value(x: Tensor): Tensor;
}

/**
 * Makes the net inside affine couplings and conditional affine maps. Initial weights are uniform, with a range that
 * depends on the number of inputs.
 */
export const freeMlp = ({ widths, kernels, key }: FreeMlpOptions): FreeMlp => {
  const last = widths.length - 2;
  const layers = widths.slice(1).map((outputs, i) =>
    scoped(() => {
      const inputs = widths[i]!;
      const side = kernels?.[i] ?? 1;
      const bound = i === last ? 0 : 1 / Math.sqrt(side * side * inputs);
      const shape = kernels === undefined ? [outputs, inputs] : [side, side, inputs, outputs];
      return {
        weight: variable(drawUniform(fold(key, 2 * i), shape, -bound, bound)),
        bias: variable(drawUniform(fold(key, 2 * i + 1), [outputs], -bound, bound)),
      };
    }),
  );
  const map =
    kernels === undefined
      ? affineMap
      : (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
          add(conv2d(x as Tensor4D, weight as Tensor4D, 1, 'same'), bias);
  return {
    parameters: Object.fromEntries(
      layers.flatMap(({ weight, bias }, i): [string, Variable][] => [
        [`layers.${i}.weight`, weight],
        [`layers.${i}.bias`, bias],
      ]),
    ),
    value: (x) => layers.reduce((y, { weight, bias }, i) => map(i === 0 ? y : relu(y), weight, bias), x),
  };
};

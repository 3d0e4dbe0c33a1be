import type { ModelChoice } from '../config.ts';
import { RULES } from '../rules.ts';

/**
 * Returns the number of parameters of the two-dimensional model that `flowSpec` describes.
 *
 * @remarks The parameters of an activation function from a plugin are not counted, because their number is unknown.
 */
export const parameterCount = ({ kind, net, blocks, hidden, activation }: ModelChoice): number => {
  // In two dimensions, the net of a coupling block maps one coordinate to a scale and a shift for the second
  // coordinate.
  if (kind === 'coupling') return blocks * denseParameters([1, ...hidden, 2]);
  // An implicit block has two nets. A residual or monotone model has `2 * blocks` blocks with one net each.
  const widths = [2, ...hidden, 2];
  return (
    blocks *
    2 *
    (denseParameters(widths) +
      (net === 'sandwich' ? sandwichParameters(widths) : 0) +
      hidden.length * (OWN[activation] ?? 0))
  );
};

/** Number of parameters of each activation function that has parameters. */
const OWN: Readonly<Record<string, number>> = { lipSwish: 1 };

/** Returns the number of weights and biases of a chain of dense layers with the given widths. */
const denseParameters = (widths: readonly number[]): number =>
  widths.slice(1).reduce((sum, outputs, i) => sum + (widths[i]! + 1) * outputs, 0);

/**
 * Returns the number of additional parameters of a sandwich net, besides weights and biases: a square matrix per layer,
 * and a scale per hidden unit.
 */
const sandwichParameters = (widths: readonly number[]): number =>
  widths.slice(1).reduce((sum, n) => sum + n * n, 0) + widths.slice(1, -1).reduce((sum, n) => sum + n, 0);

/**
 * Returns the model with scaled hidden widths, so that its number of parameters is as close as possible to `target`.
 * The number of layers does not change. The ratios of the widths of the layers change only by rounding.
 */
export const withParameters = (model: ModelChoice, target: number): ModelChoice => {
  const step = model.activation === 'maxMin' ? 2 : 1;
  const widest = Math.max(...model.hidden);
  const at = (largest: number): ModelChoice => ({
    ...model,
    hidden: model.hidden.map((width) => Math.max(step, step * Math.round(((width / widest) * largest) / step))),
  });
  // The number of parameters grows with the width. This loop finds the smallest width with at least `target`
  // parameters. Of this width and the next smaller width, the function returns the width whose number of parameters is
  // closer to `target`.
  let [low, high] = [1, RULES.width.most / step];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (parameterCount(at(middle * step)) < target) low = middle + 1;
    else high = middle;
  }
  const [enough, less] = [at(low * step), at(Math.max(1, low - 1) * step)];
  const off = (choice: ModelChoice): number => Math.abs(parameterCount(choice) - target);
  return off(less) < off(enough) ? less : enough;
};

/**
 * Scales the hidden widths of the second model, so that its number of parameters is close to the number of the first
 * model. A single model is returned unchanged.
 */
export const equalized = (models: readonly ModelChoice[]): readonly ModelChoice[] => {
  const [first, second] = models;
  return first === undefined || second === undefined ? models : [first, withParameters(second, parameterCount(first))];
};

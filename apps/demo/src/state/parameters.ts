import type { ModelChoice } from '../config.ts';
import { RULES } from '../rules.ts';

/**
 * Number of parameters of a model in two dimensions, as `flowSpec` builds it.
 *
 * @remarks Parameters of a plugin's activation are unknown here and not counted.
 */
export const parameterCount = ({ kind, net, blocks, hidden, activation }: ModelChoice): number => {
  // The net of a coupling maps one coordinate to a scale and a shift of the other.
  if (kind === 'coupling') return blocks * denseParameters([1, ...hidden, 2]);
  // An implicit block has two nets; a residual model has two blocks of one net for each of them.
  const widths = [2, ...hidden, 2];
  return (
    blocks *
    2 *
    (denseParameters(widths) +
      (net === 'sandwich' ? sandwichParameters(widths) : 0) +
      hidden.length * (OWN[activation] ?? 0))
  );
};

/** Parameters of activations. */
const OWN: Readonly<Record<string, number>> = { lipSwish: 1 };

/** Number of weights and biases of dense layers between these widths. */
const denseParameters = (widths: readonly number[]): number =>
  widths.slice(1).reduce((sum, outputs, i) => sum + (widths[i]! + 1) * outputs, 0);

/**
 * Parameters of a sandwich net in addition to weights and biases: a square matrix per layer, and a scale per hidden
 * unit.
 */
const sandwichParameters = (widths: readonly number[]): number =>
  widths.slice(1).reduce((sum, n) => sum + n * n, 0) + widths.slice(1, -1).reduce((sum, n) => sum + n, 0);

/**
 * The model with its hidden widths scaled so that its number of parameters is as close as possible to `target`. The
 * number of layers stays, and so do the proportions of their widths, up to rounding.
 */
export const withParameters = (model: ModelChoice, target: number): ModelChoice => {
  const step = model.activation === 'maxMin' ? 2 : 1;
  const widest = Math.max(...model.hidden);
  const at = (largest: number): ModelChoice => ({
    ...model,
    hidden: model.hidden.map((width) => Math.max(step, step * Math.round(((width / widest) * largest) / step))),
  });
  // The count grows with the width: find the first width with enough parameters, then take it or the one before.
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

/** Two models, the second scaled to the parameters of the first. Fewer than two models are returned unchanged. */
export const equalized = (models: readonly ModelChoice[]): readonly ModelChoice[] => {
  const [first, second] = models;
  return first === undefined || second === undefined ? models : [first, withParameters(second, parameterCount(first))];
};

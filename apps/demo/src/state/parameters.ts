import type { ModelChoice } from '../config.ts';
import { RULES } from '../options.ts';

/**
 * Parameters of the model of a choice in two dimensions, as `flowSpec` builds it.
 *
 * @remarks The own parameters of a plugin's activation are not known here and not counted.
 */
export const parameterCount = ({ kind, net, blocks, hidden, activation }: ModelChoice): number => {
  // A coupling's net sees one coordinate, and says a scale and a shift for the other.
  if (kind === 'coupling') return blocks * denseParameters([1, ...hidden, 2]);
  // An implicit block has two nets; a residual model has two blocks of one net for each of them.
  const widths = [2, ...hidden, 2];
  return blocks * 2 * (denseParameters(widths) + (net === 'sandwich' ? sandwichParameters(widths) : 0) + hidden.length * (OWN[activation] ?? 0));
};

/** Parameters that activations themselves have. */
const OWN: Readonly<Record<string, number>> = { lipSwish: 1 };

/** Weights and biases of dense layers between these widths. */
const denseParameters = (widths: readonly number[]): number => widths.slice(1).reduce((sum, outputs, i) => sum + (widths[i]! + 1) * outputs, 0);

/** What a sandwich net has beside weights and biases: a square matrix for each layer, and a scale for each hidden unit. */
const sandwichParameters = (widths: readonly number[]): number => widths.slice(1).reduce((sum, n) => sum + n * n, 0) + widths.slice(1, -1).reduce((sum, n) => sum + n, 0);

/**
 * The model with the widths of its layers scaled so that it has as nearly as possible `target` parameters: the number of layers and, but for rounding,
 * their proportions stay.
 */
export const withParameters = (model: ModelChoice, target: number): ModelChoice => {
  const step = model.activation === 'maxMin' ? 2 : 1;
  const widest = Math.max(...model.hidden);
  const at = (largest: number): ModelChoice => ({
    ...model, hidden: model.hidden.map((width) => Math.max(step, step * Math.round((width / widest) * largest / step))),
  });
  // The count grows with the width: search the first that has enough, then take it or the one before.
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

/** Two models with the second made as large as the first; fewer than two as they are. */
export const equalised = (models: readonly ModelChoice[]): readonly ModelChoice[] => {
  const [first, second] = models;
  return first === undefined || second === undefined ? models : [first, withParameters(second, parameterCount(first))];
};

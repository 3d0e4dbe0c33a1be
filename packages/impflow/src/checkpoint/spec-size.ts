import { FlowError } from '@impflow/core';
import { MOST_NUMBERS } from '../options/limits.ts';

/** Largest number of layers and blocks of a model. */
const MAX_PARTS = 2 ** 14;
/**
 * A model that is loaded from a file may always have this number of parameters. If the file is large, the limit is
 * sixteen times the number of numbers in the file. The factor 16 leaves a wide margin, because `demandOf` only
 * estimates the number of parameters.
 */
const MIN_NUMBERS = 2 ** 22;

interface Demand {
  readonly numbers: number;
  readonly parts: number;
}

/** Tensors of a file by name. */
type State = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: { readonly length: number } }>
>;

/**
 * Checks a new spec before its model is built.
 *
 * @throws `option` for a model that is too large for any machine.
 */
export const assertSpecSize = (spec: unknown): void => {
  const { numbers, parts } = wholeDemand(spec);
  const hint = 'Lower the option hidden or blocks.';
  if (parts > MAX_PARTS)
    throw new FlowError('option', 'impflow/fit', 'The model has too many layers', {
      expected: `at most ${MAX_PARTS} layers and blocks`,
      got: String(parts),
      hint,
    });
  // For image models the estimate is at least four times too high, because their nets come after a squeeze layer, which
  // reduces the number of pixels to a quarter.
  const most = isRecord(spec) && 'shape' in spec ? 4 * MOST_NUMBERS : MOST_NUMBERS;
  if (numbers > most)
    throw new FlowError('option', 'impflow/fit', 'The model is too large', {
      expected: `at most ${most} numbers`,
      got: `about ${Math.round(numbers)}`,
      hint,
    });
};

/**
 * Checks the spec of a file before its model is built. Building a model allocates the memory that the spec asks for:
 * two layers of width 60,000 take 14 GB. Therefore the number of parameters of the model is limited to a fixed multiple
 * of the number of numbers in the file.
 *
 * @throws `checkpoint` for a spec whose model is too large for the file.
 */
export const assertSpecFitsFile = (spec: unknown, state: State): void => {
  const held = Object.values(state).reduce((sum, { data }) => sum + data.length, 0);
  const { numbers, parts } = wholeDemand(spec);
  if (parts > MAX_PARTS)
    throw refusal('Its model has too many layers', `at most ${MAX_PARTS} layers and blocks`, String(parts));
  const limit = Math.max(MIN_NUMBERS, 16 * held);
  if (numbers > limit)
    throw refusal('Its model is far larger than the file', `at most ${limit} numbers`, `about ${numbers}`);
};

/**
 * Checks the size of a model that is built from the names and shapes of its tensors, like {@link assertSpecFitsFile}.
 * The file contains the tensors of each layer. But if the sizes of consecutive layers contradict each other, the model
 * can still be far larger than the file, so the size of the model must be checked.
 */
export const assertNamesFitFile = (state: State, image?: readonly [number, number, number]): void => {
  const nets = new Map<string, { readonly layer: number; readonly shape: readonly number[] }[]>();
  const blocks = new Set<string>();
  let dim = 0;
  for (const [name, array] of Object.entries(state)) {
    const [, block, net, layer, leaf] =
      /^((?:module\.)?(?:transforms\.\d+\.)?chain\.\d+)\.(?:(nnet_x|nnet_z|nnet)\.(\d+)\.)?(weight|bias|beta|u|v)$/.exec(
        name,
      ) ?? [];
    if (block === undefined) continue;
    if (array.data.length === 0) throw refusal(`Tensor ${name} is empty`, 'numbers', 'none');
    blocks.add(block);
    if (net === undefined || leaf !== 'weight') continue;
    const layers = nets.get(`${block}.${net}`) ?? [];
    layers.push({ layer: Number(layer), shape: array.shape });
    nets.set(`${block}.${net}`, layers);
    dim = Math.max(dim, array.shape.at(-1) ?? 0);
  }
  const spec = [...nets.values()]
    .map((layers) => layers.toSorted((a, b) => a.layer - b.layer).map(({ shape }) => shape))
    .map((shapes) => ({ hidden: shapes.map((shape) => shape[0] ?? 1), kernels: shapes.map((shape) => shape[3] ?? 1) }));
  assertSpecFitsFile(
    {
      ...(image === undefined ? { dim } : { dim: image[0] * image[1] * image[2], shape: image }),
      blocks: [...[...blocks].map((kind) => ({ kind })), ...spec],
    },
    state,
  );
};

const wholeDemand = (whole: unknown): Demand => {
  // In the spec of a density of table rows, only the flow is counted. The columns and the tree of categories take no
  // more memory than their JSON.
  const spec = isRecord(whole) && 'flow' in whole ? whole.flow : whole;
  const {
    dim = 0,
    shape,
    context = 0,
  } = (isRecord(spec) ? spec : {}) as {
    readonly dim?: number;
    readonly shape?: readonly number[];
    readonly context?: number;
  };
  const places = Array.isArray(shape) ? shape[0]! * shape[1]! : dim;
  const { numbers, parts } = demandOf(spec, { dim, places, context: Math.abs(context) });
  return { numbers: dim + numbers, parts };
};

/** Sizes of the inputs of the flow that a spec describes. */
interface Sizes {
  readonly dim: number;
  /** Number of inputs of a row, or number of pixels of an image. */
  readonly places: number;
  /** Size of the context, a second input of the first layer of each net. */
  readonly context: number;
}

/**
 * Estimates the number of parameters, and the number of layers and blocks, of the model that a spec describes. Invalid
 * sizes, such as negative sizes, count by their absolute value, so that they cannot offset large sizes.
 */
const demandOf = (value: unknown, sizes: Sizes): Demand => {
  const { dim, places, context } = sizes;
  if (typeof value !== 'object' || value === null) return { numbers: 0, parts: 0 };
  const { kind, hidden, kernels, components, covariance, stages } = value as {
    readonly [K in 'kind' | 'hidden' | 'kernels' | 'components' | 'covariance' | 'stages']?: unknown;
  };
  let numbers =
    (kind === 'linear' && places === dim ? dim * dim : 0) +
    (typeof components === 'number'
      ? dim * Math.abs(components) * (covariance === 'full' || covariance === 'tied' ? dim : 1)
      : 0);
  let parts = kind === undefined ? 0 : 1;
  if (areNumbers(hidden)) {
    const side = areNumbers(kernels) ? kernels : [];
    parts += hidden.length;
    // The only layer of a net without hidden layers has at most two outputs for each input.
    numbers += Math.abs(hidden[0] ?? 2 * dim) * context;
    hidden.forEach((width, i) => {
      numbers += Math.abs(width) * (places + Math.abs(hidden[i - 1] ?? 1) * (side[i] ?? 1) ** 2);
    });
    numbers += Math.abs(hidden.at(-1) ?? 1) * ((side[hidden.length] ?? 1) ** 2 - 1);
  }
  if (areStages(stages)) {
    // Each block has two nets with two 3 x 3 filters each. Each stage has another 3 x 3 filter, which leads to the next
    // stage.
    stages.forEach(({ width, hidden: inner }, i) => {
      const before = Math.abs(stages[i - 1]?.width ?? 1);
      numbers += Math.abs(inner) * (places + 36 * before) + Math.abs(width) * (places + 9 * before);
    });
    parts += 5 * stages.length;
  }
  for (const part of Object.values(value)) {
    const more = demandOf(part, sizes);
    numbers += more.numbers;
    parts += more.parts;
  }
  return { numbers, parts };
};

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;
const areStages = (value: unknown): value is readonly { readonly width: number; readonly hidden: number }[] =>
  Array.isArray(value) &&
  value.every(
    (stage) =>
      isRecord(stage) && areNumbers([(stage as { width?: unknown }).width, (stage as { hidden?: unknown }).hidden]),
  );
const areNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((n) => typeof n === 'number');

const refusal = (what: string, expected: string, got: string): FlowError =>
  new FlowError('checkpoint', 'impflow/load', what, {
    expected,
    got,
    hint: 'The file is damaged, or does not contain a flow.',
  });

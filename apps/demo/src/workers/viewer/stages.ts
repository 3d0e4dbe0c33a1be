import type { Bijector } from '@impflow/core';
import type { BlockSpec } from '@impflow/flows';
import type { Model } from './model.ts';

/** Returns the bijectors of a model in the order from data to base. */
export const partsOf = ({ flow }: Model): readonly Bijector[] => leavesOf(flow.bijector);

const leavesOf = (bijector: Bijector): readonly Bijector[] =>
  bijector.parts === undefined ? [bijector] : Object.values(bijector.parts).flatMap(leavesOf);

/**
 * Returns the names of the stages that the page shows: `data`, the name of each part of the model except the last, and
 * `base`.
 */
export const stageLabels = (model: Model): readonly string[] => ['data', ...partLabels(model).slice(0, -1), 'base'];

/** Returns the names of the parts of a model, such as `standardize` or `implicit block 1`. */
const partLabels = ({ spec: { blocks } }: Model): readonly string[] => {
  const seen = new Map<string, number>();
  return blocks.map(({ kind }) => {
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    const name = WORDS[kind] ?? kind;
    // A part whose kind occurs only once gets no number, unless its kind is listed in {@link BLOCKS}.
    return kind in BLOCKS || blocks.filter((other) => other.kind === kind).length > 1 ? `${name} ${count}` : name;
  });
};

const BLOCKS: Readonly<Partial<Record<BlockSpec['kind'], string>>> = {
  implicit: 'implicit block',
  residual: 'residual block',
  monotone: 'monotone block',
  coupling: 'coupling block',
};
const WORDS: Readonly<Record<string, string>> = {
  ...BLOCKS,
  actNorm: 'act-norm',
  linear: 'linear map',
  factorOut: 'factored part',
};

/**
 * Returns the name of the part of a model at a path such as `blocks.3`. Longer paths, which point to something inside a
 * part, are allowed.
 */
export const labelAt = (model: Model, path: string): string => partLabels(model)[Number(path.split('.')[1])] ?? path;

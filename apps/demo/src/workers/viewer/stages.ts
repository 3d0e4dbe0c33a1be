import type { Bijector } from '@impflow/core';
import type { BlockSpec } from '@impflow/flows';
import type { Model } from './model.ts';

/** The bijectors of a model, from data to base. */
export const partsOf = ({ flow }: Model): readonly Bijector[] => leavesOf(flow.bijector);

const leavesOf = (bijector: Bijector): readonly Bijector[] =>
  bijector.parts === undefined ? [bijector] : Object.values(bijector.parts).flatMap(leavesOf);

/**
 * Names of the stages before each part and after the last, for people: `data`, the name of each part but the last,
 * `base`.
 */
export const stageLabels = (model: Model): readonly string[] => ['data', ...partLabels(model).slice(0, -1), 'base'];

/** Names of the parts: `standardize`, `implicit block 1`, ... */
const partLabels = ({ spec: { blocks } }: Model): readonly string[] => {
  const seen = new Map<string, number>();
  return blocks.map(({ kind }) => {
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    const name = WORDS[kind] ?? kind;
    // A kind that occurs once needs no number, unless it is the main part of the model.
    return kind in BLOCKS || blocks.filter((other) => other.kind === kind).length > 1 ? `${name} ${count}` : name;
  });
};

const BLOCKS: Readonly<Partial<Record<BlockSpec['kind'], string>>> = {
  implicit: 'implicit block',
  residual: 'residual block',
  coupling: 'coupling block',
};
const WORDS: Readonly<Record<string, string>> = {
  ...BLOCKS,
  actNorm: 'act-norm',
  linear: 'linear map',
  factorOut: 'factored part',
};

/** Name of the part at a path such as `blocks.3`, or at a path within it. */
export const labelAt = (model: Model, path: string): string => partLabels(model)[Number(path.split('.')[1])] ?? path;

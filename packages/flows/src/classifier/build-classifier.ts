import { FlowError, key, assertBackend, type Key, type Registry } from '@impflow/core';
import type { RootOptions } from '../block-options.ts';
import { builtInRegistries, type Registries } from '../registries.ts';
import { imageBlocks } from './blocks.ts';
import { classifier, type Classifier } from './classifier.ts';
import type { Module } from './module.ts';
import type { ClassifierSpec, StageSpec } from './spec.ts';

/** The registries that resolve names in a {@link ClassifierSpec}. */
export interface ClassifierRegistries extends Pick<Registries, 'solver' | 'activation'> {
  /** Blocks by name. Default {@link imageBlocks}. */
  readonly imageBlock?: Registry<Module>;
}

/** Options of {@link buildClassifier}. */
export interface BuildClassifierOptions {
  /**
   * Random key for the initial weights. Default `key(0)`. If parameters are loaded afterwards, the key has no effect.
   */
  readonly key?: Key;
  /** Registries that resolve names. Default: the registries of this package. */
  readonly registries?: ClassifierRegistries;
}

/**
 * Builds the classifier that a spec describes, with new parameters under `stem.`, `stages.<i>.block.`,
 * `stages.<i>.transition.` and `head.`
 *
 * @throws `option` if the version is not 1, the kind is not `'classifier'`, or a size is not a positive integer;
 * `registry` for a name that is in no registry.
 */
export const buildClassifier = (
  spec: ClassifierSpec,
  { key: weightKey = key(0), registries = builtInRegistries }: BuildClassifierOptions = {},
): Classifier => {
  assertBackend('flows/buildClassifier');
  if (!isSpec(spec)) {
    throw new FlowError('option', 'flows/buildClassifier', 'Not a classifier spec', {
      expected:
        "{ version: 1, kind: 'classifier', shape: [h, w, c], classes, block, stages: [{ width, hidden }, ...] }",
      got: String(JSON.stringify(spec)).slice(0, 120),
    });
  }
  const { shape, classes, scaling, coeff = 0.9, activation = { name: 'relu' }, tolerance, solver } = spec;
  const { imageBlock = imageBlocks } = registries;
  const options: RootOptions = {
    ...(solver === undefined ? {} : { solver: registries.solver.create(solver) }),
    ...(tolerance === undefined ? {} : { tolerance }),
  };
  return classifier({
    shape,
    classes,
    key: weightKey,
    ...(scaling === undefined ? {} : { scaling }),
    stages: spec.stages.map(({ width, hidden, stride = 1 }) => ({
      width,
      stride,
      block: (place) =>
        imageBlock.create({
          name: spec.block,
          options: { ...place, hidden, coeff, options, activation: () => registries.activation.create(activation) },
        }),
    })),
  });
};

const isSpec = (spec: Partial<ClassifierSpec> | null): boolean =>
  typeof spec === 'object' &&
  spec?.version === 1 &&
  spec.kind === 'classifier' &&
  typeof spec.block === 'string' &&
  Array.isArray(spec.shape) &&
  spec.shape.length === 3 &&
  spec.shape.every(isSize) &&
  isSize(spec.classes) &&
  Array.isArray(spec.stages) &&
  spec.stages.length > 0 &&
  spec.stages.every(
    (stage: Partial<StageSpec> | null) => isSize(stage?.width) && isSize(stage?.hidden) && isSize(stage?.stride ?? 1),
  );

const isSize = (n: unknown): boolean => Number.isInteger(n) && (n as number) > 0;

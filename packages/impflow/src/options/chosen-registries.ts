import { FlowError, unknownName, nearest, observedOptions, type Registry } from '@impflow/core';
import { builtInRegistries, type PluginSpec, type Registries } from '@impflow/flows';
import { optimizers } from '@impflow/training';
import { assertMethodOptions } from './method-limits.ts';
import { methodSpec, methodText } from './method.ts';
import { OPTIONS, type PlainChoices } from './options.ts';

/** Options whose values are names of registered methods, such as solvers. */
type Methods = Pick<PlainChoices, 'solver' | 'adjoint' | 'logdet' | 'activation' | 'base' | 'model' | 'optimizer'>;

/** Names that the options `model` and `base` accept in addition to the names in a registry. */
interface OwnNames {
  /** Names of models. Default: the names in `OPTIONS.model`. */
  readonly models?: readonly string[];
  /** Names of base densities. Default: `fitted`. */
  readonly bases?: readonly string[];
}

/**
 * Checks the methods that a training chooses, such as its solver. Returns registries that check the options of these
 * methods when a method is created.
 *
 * @throws `registry` for an unknown method (the message suggests the most similar name); `option` for an option that a
 * method does not have.
 */
export const chosenRegistries = (
  registries: Registries,
  choices: Methods,
  { models = OPTIONS.model.names, bases = OPTIONS.base.names }: OwnNames = {},
): Registries => {
  const spec = (name: 'solver' | 'adjoint' | 'logdet' | 'activation' | 'base' | 'model'): PluginSpec | undefined =>
    choices[name] === undefined ? undefined : methodSpec(name, choices[name]);
  const chosen = {
    solver: spec('solver'),
    adjoint: spec('adjoint'),
    logDet: spec('logdet'),
    activation: spec('activation'),
    base: spec('base'),
    block: spec('model'),
  };
  for (const [kind, method] of Object.entries(chosen) as [keyof typeof chosen, PluginSpec | undefined][]) {
    if (method === undefined) continue;
    const { names } = registries[kind];
    const known = [
      // Built-in blocks, such as act-norm, are not accepted as models, because most of them are only layers of a model.
      // A plugin provides a model as a block.
      ...(kind === 'block' ? names.filter((name) => !builtInRegistries.block.has(name)) : names),
      ...(kind === 'base' ? bases : kind === 'block' ? models : []),
    ];
    if (!known.includes(method.name))
      throw unknownName('impflow/fit', `value of the option ${OPTION[kind]}`, method.name, known);
  }
  const { block } = chosen;
  if (block?.options !== undefined && models.includes(block.name))
    throw new FlowError('option', 'impflow/fit', `The model ${block.name} has no options`, {
      expected: block.name,
      got: methodText(block),
      hint: 'Set options of the flow, such as hidden and blocks.',
    });
  if (choices.optimizer !== undefined) checkOptimizer(methodSpec('optimizer', choices.optimizer));
  // Solvers and estimators contain no tensors, so they can be created and checked before the data are read.
  const checked = strictRegistries(registries, chosen);
  for (const kind of ['solver', 'adjoint', 'logDet'] as const)
    if (chosen[kind] !== undefined) checked[kind].create(chosen[kind]);
  return checked;
};

const checkOptimizer = ({ name, options = {} }: PluginSpec): void => {
  if (!optimizers.has(name)) throw unknownName('impflow/fit', 'value of the option optimizer', name, optimizers.names);
  strictRegistry(optimizers, { name, options }).create({ name, options });
};

const OPTION = {
  solver: 'solver',
  adjoint: 'adjoint',
  logDet: 'logdet',
  activation: 'activation',
  base: 'base',
  block: 'model',
} as const;

/** Methods that the options choose, by kind of registry. */
export type Chosen = { readonly [K in keyof Registries]?: PluginSpec | undefined };

/**
 * Returns registries that refuse unknown options: creating a chosen method fails if its factory does not read every
 * given option.
 *
 * @throws `option`, when the method is created, for an option that its factory does not read, and for a value that a
 * checkpoint may not contain: see `assertMethodOptions`.
 */
export const strictRegistries = <R extends Registries>(registries: R, chosen: Chosen): R => {
  const checked: Partial<Record<keyof Registries, unknown>> = {};
  for (const [kind, spec] of Object.entries(chosen) as readonly (readonly [
    keyof Registries,
    PluginSpec | undefined,
  ])[]) {
    if (spec?.options !== undefined)
      checked[kind] = strictRegistry<unknown>(registries[kind], { ...spec, options: spec.options }, (options) =>
        assertMethodOptions(kind, { name: spec.name, options }),
      );
  }
  return Object.freeze({ ...registries, ...checked });
};

/**
 * Returns a registry that refuses unknown options of one method: see {@link strictRegistries}. `assertOptions` checks
 * the options before the method is created. Default: no check.
 */
export const strictRegistry = <P>(
  inner: Registry<P>,
  { name, options: chosen }: Required<PluginSpec>,
  assertOptions: (options: Required<PluginSpec>['options']) => void = () => {},
): Registry<P> =>
  Object.freeze<Registry<P>>({
    ...inner,
    create: (spec) => {
      if (spec.name !== name) return inner.create(spec);
      assertOptions(spec.options ?? {});
      const observed = observedOptions(spec.options ?? {});
      const product = inner.create({ name, options: observed.options });
      const read = observed.read();
      const unread = Object.keys(chosen).find((key) => !read.includes(key));
      if (unread !== undefined)
        throw unknownOption(
          inner.kind,
          name,
          unread,
          read.filter((key) => Object.hasOwn(chosen, key) || !Object.hasOwn(spec.options ?? {}, key)),
        );
      return product;
    },
  });

const unknownOption = (kind: string, name: string, option: string, known: readonly string[]): FlowError => {
  const near = nearest(option, known);
  return new FlowError('option', 'impflow/fit', `The ${kind} ${name} has no option ${option}`, {
    expected: known.length === 0 ? 'no options' : `one of ${known.join(', ')}`,
    got: `"${option}"`,
    hint: near === undefined ? 'Leave it out.' : `Did you mean "${near}"?`,
  });
};

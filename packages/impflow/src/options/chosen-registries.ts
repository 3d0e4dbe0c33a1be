import { FlowError, unknownName } from '@impflow/core';
import { builtInRegistries, type PluginSpec, type Registries } from '@impflow/flows';
import { optimizers } from '@impflow/training';
import { methodSpec, methodText } from './method.ts';
import { OPTIONS } from './options.ts';
import type { PlainChoices } from './options.ts';
import { strictRegistries, strictRegistry } from './strict-registries.ts';

/** Choices that name methods of a registry. */
type Methods = Pick<PlainChoices, 'solver' | 'adjoint' | 'logdet' | 'activation' | 'base' | 'model' | 'optimizer'>;

/** Values of options that are no names of a registry. */
interface OwnNames {
  /** Models. Default: those of a density. */
  readonly models?: readonly string[];
  /** Base densities. Default: `fitted`. */
  readonly bases?: readonly string[];
}

/**
 * Registries that check the options of the methods that the choices name.
 *
 * @throws `registry` for an unknown name, with the nearest known one; `option` for an option that the method does not
 * have.
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
      // Most built-in blocks, such as act-norm, are parts of a model. A model of a plugin is a block.
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
  // These hold no tensors, so they can be made, and checked, before the data are read.
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

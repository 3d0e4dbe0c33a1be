import { FlowError, type Registry } from '@impflow/core';
import type { Registries } from './registries.ts';

/**
 * Kinds of factories that a plugin can provide. The kinds `backend` and `data` are for programs that choose a backend
 * or read data, such as the command line.
 */
const KINDS = ['solver', 'adjoint', 'logDet', 'activation', 'base', 'block', 'backend', 'data'] as const;
/** The name of a kind of factory that a plugin can provide. */
type Kind = (typeof KINDS)[number];

/** The export `impflow` of a plugin module: its factories by kind and name. */
export type Plugin = { readonly [K in Kind]?: Readonly<Record<string, (options: never) => unknown>> };

/**
 * Returns new registries: the given registries, extended by the factories of a plugin. The given registries do not
 * change. Kinds of factories for which there is no registry are skipped. `module` is the imported module; error
 * messages contain its `name`.
 *
 * @throws `input` if the module is not a plugin; `registry` if a registry already has a factory of that name.
 */
export const extendRegistries = <R extends Registries>(registries: R, module: object, name: string): R => {
  const { impflow } = module as { readonly impflow?: unknown };
  if (!isPlugin(impflow)) {
    throw new FlowError('input', 'flows/extendRegistries', `"${name}" is not a plugin`, {
      expected: `an export "impflow" of factories by kind (${KINDS.join(', ')}) and name`,
      got: inWords(module),
      hint: 'A factory is a function of its options: { solver: { mine: (options) => ... } }.',
    });
  }
  const extended = { ...registries };
  for (const kind of KINDS) {
    const [known, factories] = [(registries as Partial<Record<Kind, Registry<unknown>>>)[kind], impflow[kind]];
    if (known !== undefined && factories !== undefined) Object.assign(extended, { [kind]: known.extend(factories) });
  }
  return Object.freeze(extended);
};

/** Describes the exports of a module that is not a plugin, for the error message. */
const inWords = (module: object): string => {
  const { impflow } = module as { readonly impflow?: unknown };
  if (typeof impflow !== 'object' || impflow === null) return `exports ${Object.keys(module).join(', ') || '(none)'}`;
  const strange = Object.keys(impflow).filter((kind) => !(KINDS as readonly string[]).includes(kind));
  return strange.length > 0 ? `the kinds ${Object.keys(impflow).join(', ')}` : 'a value that is not a factory';
};

const isPlugin = (impflow: unknown): impflow is Plugin =>
  typeof impflow === 'object' &&
  impflow !== null &&
  Object.entries(impflow).every(
    ([kind, factories]) =>
      (KINDS as readonly string[]).includes(kind) &&
      typeof factories === 'object' &&
      factories !== null &&
      Object.values(factories).every((factory) => typeof factory === 'function'),
  );

import { FlowError } from '@impflow/core';
import type { Registries } from './registries.ts';

const KINDS = ['solver', 'logDet', 'activation', 'base', 'block'] as const;

/** What a plugin module exports under the name `impflow`: factories by kind and name. */
export type Plugin = { readonly [K in (typeof KINDS)[number]]?: Readonly<Record<string, (options: never) => unknown>> };

/**
 * The registries with everything that a plugin brings; those given stay as they are. `module` is what importing it gave, `name` what messages call it.
 *
 * @throws `input` for a module that is no plugin; `registry` for a name that is taken.
 */
export const extendRegistries = (registries: Registries, module: object, name: string): Registries => {
  const { impflow } = module as { readonly impflow?: unknown };
  if (!isPlugin(impflow)) {
    throw new FlowError('input', 'flows/extendRegistries', `"${name}" is not a plugin`, {
      expected: `an export "impflow" of factories by kind (${KINDS.join(', ')}) and name`, got: `exports ${Object.keys(module).join(', ') || '(none)'}`,
      hint: 'See CONTRIBUTING.md, "A plugin".',
    });
  }
  const extended = { ...registries };
  for (const kind of KINDS) {
    const factories = impflow[kind];
    if (factories !== undefined) Object.assign(extended, { [kind]: registries[kind].extend(factories as never) });
  }
  return Object.freeze(extended);
};

const isPlugin = (impflow: unknown): impflow is Plugin => typeof impflow === 'object' && impflow !== null && Object.entries(impflow).every(([kind, factories]) =>
  (KINDS as readonly string[]).includes(kind) && typeof factories === 'object' && factories !== null && Object.values(factories).every((factory) => typeof factory === 'function'));

import { FlowError, nearest, observedOptions, type Registry } from '@impflow/core';
import type { PluginSpec, Registries } from '@impflow/flows';

/** Plugins that the options name, by kind. */
export type Chosen = { readonly [K in keyof Registries]?: PluginSpec | undefined };

/**
 * Registries that check options: creating a plugin with the name of a chosen one fails if its factory does not read a
 * chosen option.
 *
 * @throws `option`, when the plugin is created, for an option that its factory does not read.
 */
export const strictRegistries = <R extends Registries>(registries: R, chosen: Chosen): R => {
  const checked: Partial<Record<keyof Registries, unknown>> = {};
  for (const [kind, spec] of Object.entries(chosen) as readonly (readonly [
    keyof Registries,
    PluginSpec | undefined,
  ])[]) {
    if (spec?.options !== undefined)
      checked[kind] = strictRegistry<unknown>(registries[kind], { ...spec, options: spec.options });
  }
  return Object.freeze({ ...registries, ...checked });
};

/** A registry that checks the options of one method: see {@link strictRegistries}. */
export const strictRegistry = <P>(inner: Registry<P>, { name, options: chosen }: Required<PluginSpec>): Registry<P> =>
  Object.freeze<Registry<P>>({
    ...inner,
    create: (spec) => {
      if (spec.name !== name) return inner.create(spec);
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

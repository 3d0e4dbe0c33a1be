import type { MethodOption } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { optimizers } from '@impflow/training';

const REGISTRIES: Readonly<Record<string, { readonly names: readonly string[] }>> = {
  ...builtInRegistries,
  optimizer: optimizers,
};

/** Returns the names of the built-in methods that an option accepts. Plugins add further methods. */
export const methodNames = ({ registry, names = [] }: MethodOption): readonly string[] => [
  ...(registry === undefined ? [] : REGISTRIES[registry]!.names),
  ...names,
];

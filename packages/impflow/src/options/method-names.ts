import type { MethodOption } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { optimizers } from '@impflow/training';

const REGISTRIES: Readonly<Record<string, { readonly names: readonly string[] }>> = {
  ...builtInRegistries,
  optimizer: optimizers,
};

/** Names of the built-in methods that an option may name. Plugins add others. */
export const methodNames = ({ registry, names = [] }: MethodOption): readonly string[] => [
  ...(registry === undefined ? [] : REGISTRIES[registry]!.names),
  ...names,
];

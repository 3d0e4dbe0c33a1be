import { FlowError, isFlowError, problemOf } from '@impflow/core';
import type { Checkpoint } from '@impflow/training';

/**
 * Calls `build`, which builds an object from a checkpoint. If the checkpoint needs a name that only a plugin provides,
 * the error lists the plugins of the run. The listed plugins are not loaded, because loading a plugin runs its code,
 * and code runs only when the user requests it.
 *
 * @throws the errors of `build`.
 */
export const withPluginHint = <T>(checkpoint: Pick<Checkpoint, 'extra'>, build: () => T): T => {
  try {
    return build();
  } catch (cause) {
    throw pluginHinted(checkpoint, cause);
  }
};

/** Adds the plugins of the run to an error for a name that a plugin must provide. Returns other errors unchanged. */
export const pluginHinted = ({ extra }: Pick<Checkpoint, 'extra'>, cause: unknown): unknown => {
  if (!isFlowError(cause, 'registry')) return cause;
  const { program } = (extra ?? {}) as { readonly program?: { readonly plugin?: readonly string[] } };
  const plugin = program?.plugin ?? [];
  return new FlowError('registry', 'cli', problemOf(cause), {
    cause,
    hint:
      plugin.length === 0
        ? 'If a plugin provides this name, give the plugin with --plugin.'
        : `The run was made with a plugin: give ${plugin.map((name) => `--plugin ${name}`).join(' ')}`,
  });
};

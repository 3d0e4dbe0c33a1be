import { FlowError, isFlowError, problemOf } from '@impflow/core';
import type { Checkpoint } from '@impflow/training';
import type { RunRecord } from './record.ts';

/**
 * Calls `build`, which builds something from the contents of a checkpoint, and explains its errors.
 *
 * @throws `checkpoint` for an invalid spec; `registry` for a name that a plugin must provide, with the plugins of the
 * run.
 */
export const buildingFrom = <T>({ extra }: Pick<Checkpoint, 'extra'>, source: string, build: () => T): T => {
  try {
    return build();
  } catch (cause) {
    if (!isFlowError(cause) || cause.code === 'plugin')
      throw new FlowError('checkpoint', 'cli', `${source}: the spec inside describes no model`, {
        cause,
        ...(isFlowError(cause) ? { got: problemOf(cause) } : {}),
        hint: 'Give a checkpoint that this program wrote.',
      });
    if (!isFlowError(cause, 'registry')) throw cause;
    throw missingPlugin(source, (extra as Partial<RunRecord> | undefined) ?? {}, cause);
  }
};

/**
 * The error for a name that a plugin must provide, with the plugins of the run. It does not load them: a plugin is
 * code, and runs only when the user asks for it.
 */
export const missingPlugin = (source: string, { options }: Pick<RunRecord, 'options'>, cause: FlowError): FlowError => {
  const { plugin = [] } = options ?? {};
  const hint =
    plugin.length === 0
      ? 'If a plugin provides it, give that plugin with --plugin.'
      : `The run was made with a plugin: give ${plugin.map((name) => `--plugin ${name}`).join(' ')}`;
  return new FlowError('registry', 'cli', `${source} needs what is not there: ${problemOf(cause)}`, { cause, hint });
};

import { cpu } from '@impflow/backend-cpu';
import { wasm } from '@impflow/backend-wasm';
import { FlowError, registry, type Backend, type BackendAdapter, type Registry, type Table } from '@impflow/core';

/** The backends that this program can start. */
export const backends: Registry<Table<BackendAdapter>> = registry<Table<BackendAdapter>>('backend', { wasm, cpu });

/** @throws `registry` for an unknown name, `unsupported` where it cannot run on this machine. */
export const startBackend = async (name = 'wasm'): Promise<Backend> => {
  const adapter = backends.create({ name });
  if (!(await adapter.isAvailable())) {
    throw new FlowError('unsupported', 'cli', `The backend ${name} is not available on this machine`, { hint: `Try one of ${backends.names.filter((other) => other !== name).join(', ')}.` });
  }
  return adapter.start();
};

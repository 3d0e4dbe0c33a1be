import { FlowError } from '@impflow/core';
import { ensureBackend } from 'impflow/run';

/**
 * Starts the WebAssembly backend of `impflow`.
 *
 * @throws `unsupported` for the name of another backend.
 */
export const startOwn = async (name: string | undefined): Promise<void> => {
  if (name !== undefined && name !== 'wasm')
    throw new FlowError('unsupported', 'jobs/taskPool', `The processes of this pool have no backend ${name}`, {
      expected: 'the option program of taskPool with a program that starts this backend',
      got: 'none',
      hint: 'Leave the option backend out.',
    });
  await ensureBackend();
};

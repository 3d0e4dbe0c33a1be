import { FlowError } from '@impflow/core';
import { ensureBackend } from 'impflow/run';

/**
 * Starts the backend of `impflow`.
 *
 * @throws `unsupported` for the name of a backend other than WebAssembly.
 */
export const startOwn = async (name: string | undefined): Promise<void> => {
  if (name !== undefined && name !== 'wasm')
    throw new FlowError('unsupported', 'jobs/taskPool', `No backend ${name} in the processes of this pool`, {
      expected: 'the option program of taskPool with a program that starts it',
      got: 'none',
      hint: 'Leave the option backend out.',
    });
  await ensureBackend();
};

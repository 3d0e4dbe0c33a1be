import type { Backend, BackendAdapter } from '@impflow/core';
import { afterAll, beforeAll } from 'vitest';

/**
 * Runs the tests of the surrounding suite, or file, on a backend: starts it before them and disposes it after them.
 *
 * @remarks A backend that still holds tensors refuses to be left for another one. Disposing it drops whatever the suite left
 * behind, so the next suite of the file can start the backend that it wants.
 */
export const onBackend = (adapter: BackendAdapter): void => {
  let backend: Backend | undefined;
  beforeAll(async () => { backend = await adapter.start(); });
  afterAll(() => { backend?.dispose(); });
};

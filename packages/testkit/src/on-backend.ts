import type { Backend, BackendAdapter } from '@impflow/core';
import { afterAll, beforeAll } from 'vitest';

/**
 * Runs the tests of the surrounding suite, or file, on a backend: starts the backend before the tests and disposes it
 * after them.
 *
 * @remarks A backend cannot start while another backend holds tensors. The disposal drops the tensors that the suite
 * left, so the next suite of the file can start any backend.
 */
export const onBackend = (adapter: BackendAdapter): void => {
  let backend: Backend | undefined;
  beforeAll(async () => {
    backend = await adapter.start();
  });
  afterAll(() => {
    backend?.dispose();
  });
};

import { cpu } from '@impflow/backend-cpu';
import { startRegistered, type BackendAdapter } from '@impflow/core';

/** The cpu backend, declared as a backend without synchronous reads, like WebGPU. */
export const unreadBackend: BackendAdapter = {
  name: 'unread',
  isAvailable: async () => true,
  start: async () => {
    await cpu().start();
    return startRegistered('cpu', {
      as: 'unread',
      capabilities: { precision: 32, syncRead: false, device: 'cpu', threads: 1 },
    });
  },
};

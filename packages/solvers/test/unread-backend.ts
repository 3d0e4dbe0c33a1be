import { cpu } from '@impflow/backend-cpu';
import { startRegistered, type BackendAdapter } from '@impflow/core';

/** The cpu backend, but declared as a backend without synchronous reads, as WebGPU is. */
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

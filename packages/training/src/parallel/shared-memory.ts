/** Whether there is shared memory. A page has it only when isolated from other origins (headers COOP and COEP). */
export const sharesMemory = (): boolean =>
  typeof SharedArrayBuffer === 'function' &&
  (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

/** A browser has shared memory only where the page is isolated from other origins (headers COOP and COEP). */
export const sharesMemory = (): boolean => typeof SharedArrayBuffer === 'function' && (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

/**
 * Milliseconds from the loading of the page to the registration of the service worker. Without this delay, the service
 * worker would slow down the first pictures.
 */
const LATER_MS = 4000;

/**
 * Registers the service worker, which caches the page's files, so that later visits work without a network. If the
 * browser refuses the registration, the page works without the cache.
 */
export const keepOffline = (): void => {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  setTimeout(() => {
    void navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI)).catch(() => {});
  }, LATER_MS);
};

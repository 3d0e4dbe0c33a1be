/** Milliseconds to wait after the page is loaded, so that the first pictures are not delayed. */
const LATER_MS = 4000;

/**
 * Keeps the page's files in the browser, so that later visits work without a network. In browsers that refuse, the page
 * works without this.
 */
export const keepOffline = (): void => {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  setTimeout(() => {
    void navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI)).catch(() => {});
  }, LATER_MS);
};

// Caches the page's files in the browser at the first visit, so that later visits work without a network. `offline.ts`
// inserts the list of files and the version into this script, and writes the script into the folder of the page.

const VERSION = '__VERSION__';
/** URLs of the files to cache, relative to the URL of the page. */
const FILES = ['__FILES__'];
const NAME = `impflow ${VERSION} ${self.registration.scope}`;
/** Milliseconds to wait for the page from the network before the cached page is used. */
const PATIENCE_MS = 3000;

const page = self.registration.scope;
const known = new Set(FILES.map((file) => new URL(file, page).href));

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(NAME).then((cache) =>
      // Files that the page has already loaded are taken from the browser's HTTP cache. The HTML of the page may have
      // changed, so it is requested from the network.
      Promise.all([cache.addAll(FILES), cache.add(new Request(page, { cache: 'reload' }))]),
    ),
  );
});

// The browser activates this version of the service worker when all pages that use an older version are closed. The
// cached files of older versions are then deleted.
self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('impflow ') && name.endsWith(` ${page}`) && name !== NAME)
            .map((name) => caches.delete(name)),
        ),
      ),
  );
});

const kept = (address) =>
  caches.open(NAME).then((cache) => cache.match(address, { ignoreVary: true, ignoreSearch: true }));

const pageItself = (request) => {
  const late = new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MS);
  }).then(() => kept(page));
  const network = fetch(request);
  return Promise.race([network, late.then((found) => found ?? network)]).catch(() =>
    kept(page).then((found) => found ?? Response.error()),
  );
};

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const [address] = request.url.split(/[?#]/);
  if (request.mode === 'navigate') {
    if (address === page || address === `${page}index.html`) event.respondWith(pageItself(request));
  } else if (known.has(address)) event.respondWith(kept(address).then((found) => found ?? fetch(request)));
});

import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import type { WallWorker } from './protocol/wall.ts';
import { keepOffline } from './state/offline.ts';
import { openWorker } from './state/open-worker.ts';
import { startSession } from './state/session.ts';
import { fromHash, toHash } from './state/url.ts';
import { startByItself } from './ui/by-itself.ts';
import { thumbnailPoints } from './ui/thumbnail-points.js';
import { startEarlyDots } from './views/early-dots.ts';

const { open, tour, ...start } = fromHash(location.hash);
const session = startSession({ ...start, hash: location.hash });
const alone = startByItself(session);
const thumbnail = start.config.data.kind === 'toy' ? thumbnailPoints[start.config.data.name] : undefined;
if (thumbnail !== undefined) startEarlyDots(thumbnail, session.data);

const remember = (): void => {
  const hash = toHash(session.config.value, session.view.value, session.drawn.value);
  // The current history entry is replaced, so that the back button leaves the page.
  if (hash !== location.hash) history.replaceState(null, '', hash === '' ? location.pathname + location.search : hash);
};
let pending: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  void [session.config.value, session.view.value, session.drawn.value];
  // The address is updated when no setting has changed for 300 ms, because browsers limit how often a page may change
  // its address.
  clearTimeout(pending);
  pending = setTimeout(remember, 300);
});
addEventListener('pagehide', remember);
// Reloads the page if the visitor has edited the address or followed a link that changes the settings. Links to anchors
// change no settings.
addEventListener('hashchange', () => {
  if (location.hash.includes('=')) location.reload();
});

render(
  <App session={session} alone={alone} openWall={() => openWorker<WallWorker>('wall')} dialog={open} tour={tour} />,
  document.getElementById('app')!,
);

keepOffline();

// Makes the session of the page available in the browser's console.
Object.assign(globalThis, { impflow: session });

import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import type { WallWorker } from './protocol/wall.ts';
import { keepOffline } from './state/offline.ts';
import { openWorker } from './state/open-worker.ts';
import { startSession } from './state/session.ts';
import { fromHash, toHash } from './state/url.ts';

const { open, ...start } = fromHash(location.hash);
const session = startSession({ ...start, hash: location.hash });

const remember = (): void => {
  const hash = toHash(session.config.value, session.view.value, session.drawn.value);
  // Replaces the history entry, so that the back button leaves the page.
  if (hash !== location.hash) history.replaceState(null, '', hash === '' ? location.pathname + location.search : hash);
};
let pending: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  void [session.config.value, session.view.value, session.drawn.value];
  // Only when a slider rests: browsers limit how often the address may change.
  clearTimeout(pending);
  pending = setTimeout(remember, 300);
});
addEventListener('pagehide', remember);
// The visitor edited the address or followed a link to another state of this page. Anchors are ignored.
addEventListener('hashchange', () => {
  if (location.hash.includes('=')) location.reload();
});

render(
  <App session={session} openWall={() => openWorker<WallWorker>('wall')} dialog={open} />,
  document.getElementById('app')!,
);

keepOffline();

// For the console: all functions of the page.
Object.assign(globalThis, { impflow: session });

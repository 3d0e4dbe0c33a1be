import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import type { WallWorker } from './protocol/wall.ts';
import { openWorker } from './state/open-worker.ts';
import { startSession } from './state/session.ts';
import { fromHash, toHash } from './state/url.ts';

const { complaints, ...start } = fromHash(location.hash);
const session = startSession(start);
for (const complaint of complaints) session.notify('warning', complaint);

const remember = (): void => {
  const hash = toHash(session.config.value, session.look.value, session.drawn.value);
  // Not a new entry for every click: going back leaves the page.
  if (hash !== location.hash) history.replaceState(null, '', hash === '' ? location.pathname + location.search : hash);
};
let pending: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  void [session.config.value, session.look.value, session.drawn.value];
  // Once a slider rests: browsers refuse to write the address a hundred times a minute.
  clearTimeout(pending);
  pending = setTimeout(remember, 300);
});
addEventListener('pagehide', remember);
// Somebody edited the address, or followed a link to another state of this page; not to a place on it.
addEventListener('hashchange', () => { if (location.hash.includes('=')) location.reload(); });

render(<App session={session} openWall={() => openWorker<WallWorker>('wall')} />, document.getElementById('app')!);

// For the console: everything that the page can do, as functions.
Object.assign(globalThis, { impflow: session });

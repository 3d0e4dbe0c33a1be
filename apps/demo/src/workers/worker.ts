import { expose } from 'comlink';

/** The one worker script of the page, in several roles: its name says which. One bundle, so that no role loads code that another has. */
const roles = {
  trainer: async () => (await import('./trainer/trainer.ts')).trainer(),
  viewer: async () => (await import('./viewer/viewer.ts')).viewer(),
  wall: async () => (await import('./wall/wall.ts')).wall(),
};
export type Role = keyof typeof roles;

expose(await roles[(globalThis as unknown as { readonly name: Role }).name]());
// Messages before `expose` would be lost: the page waits for this one.
postMessage('ready');

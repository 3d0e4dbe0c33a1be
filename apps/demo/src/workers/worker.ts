import { expose } from 'comlink';

/**
 * The only worker script of the page: the worker's name gives its role. One bundle, so that no role loads code twice.
 */
const roles = {
  trainer: async () => (await import('./trainer/trainer.ts')).trainer(),
  viewer: async () => (await import('./viewer/viewer.ts')).viewer(),
  wall: async () => (await import('./wall/wall.ts')).wall(),
};
export type Role = keyof typeof roles;

expose(await roles[(globalThis as unknown as { readonly name: Role }).name]());
// Messages before `expose` would be lost: the page waits for this one.
postMessage('ready');

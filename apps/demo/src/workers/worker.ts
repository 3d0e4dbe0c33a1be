import { expose } from 'comlink';

/**
 * The only worker script of the page. The name of a worker determines its role. All roles share one bundle, so that the
 * browser loads no code twice.
 */
const roles = {
  trainer: async () => (await import('./trainer/trainer.ts')).trainer(),
  viewer: async () => (await import('./viewer/viewer.ts')).viewer(),
  wall: async () => (await import('./wall/wall.ts')).wall(),
};
export type Role = keyof typeof roles;

expose(await roles[(globalThis as unknown as { readonly name: Role }).name]());
// Messages before `expose` would be lost, so the page waits for this message before it calls the worker.
postMessage('ready');

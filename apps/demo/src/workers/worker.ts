import { expose } from 'comlink';

/**
 * The single script of all workers of the page. The name of a worker determines its role. All roles share one bundle,
 * so that the browser does not load shared code twice.
 */
const roles = {
  trainer: async () => (await import('./trainer/trainer.ts')).trainer(),
  viewer: async () => (await import('./viewer/viewer.ts')).viewer(),
  wall: async () => (await import('./wall/wall.ts')).wall(),
  table: async () => (await import('./table/table.ts')).table(),
};
export type Role = keyof typeof roles;

expose(await roles[(globalThis as unknown as { readonly name: Role }).name]());
// Messages that arrive before `expose` has run would be lost. Therefore the page waits for the message `ready` before
// it calls the worker.
postMessage('ready');

export { main, type MainOptions } from './cli/main.ts';
export type { Plugin } from './plugins/registries.ts';

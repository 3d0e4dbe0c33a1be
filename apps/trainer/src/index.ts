export { main } from './cli/main.ts';
export type { Plugin } from './run/plugins.ts';

export { gmres, type GmresOptions } from './gmres.ts';
export { impflow } from './plugin.ts';

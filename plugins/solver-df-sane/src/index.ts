export { dfSane, type DfSaneOptions, type DfSaneState } from './df-sane.ts';
export { impflow } from './plugin.ts';

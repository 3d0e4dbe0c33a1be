export { warmUp, type WarmUp } from './warm-up.ts';
export { webgl } from './webgl.ts';

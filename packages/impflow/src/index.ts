export { fit } from './fit.ts';
export { load } from './load.ts';
export * from './public.ts';

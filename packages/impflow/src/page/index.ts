// The main entry in a page: the condition `browser`.
export * from '../public.ts';
export { fit } from './fit.ts';
export { load } from './load.ts';

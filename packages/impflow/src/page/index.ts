// The main entry point of the package in a web page (export condition `browser`).
export * from '../public.ts';
export { fit } from './fit.ts';
export { load } from './load.ts';

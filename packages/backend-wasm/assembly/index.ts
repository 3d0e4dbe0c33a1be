export * from './peak';

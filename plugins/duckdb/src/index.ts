export { register } from './register.ts';
export type { RegisteredModel } from './registered-model.ts';

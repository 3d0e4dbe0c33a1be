export { register, type RegisteredModel } from './register.ts';

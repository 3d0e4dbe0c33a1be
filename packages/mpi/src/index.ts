export { joinMpi, type JoinOptions, type MpiRoot, type MpiServer } from './join.ts';

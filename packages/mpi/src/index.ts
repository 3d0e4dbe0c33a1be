export { joinMpi, type JoinOptions, type MpiRoot, type MpiServer } from './join.ts';
export type { Traffic } from './mpi.ts';

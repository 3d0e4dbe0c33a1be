export type { RedisAccess } from './address.ts';
export type { ConnectionEvent, WorkerEvent } from './events.ts';
export { queueRunner } from './queue-runner.ts';
export type { QueueCounts, QueueRunner, QueueRunnerOptions } from './runner.ts';
export { startWorker } from './start-worker.ts';
export { taskId } from './task-id.ts';
export type { QueueWorker, WorkerCloseOptions, QueueWorkerOptions } from './worker.ts';

export type { RedisAccess } from './address.ts';
export type { ConnectionEvent, WorkerEvent } from './events.ts';
export { queueRunner, type QueueCounts, type QueueRunner, type QueueRunnerOptions } from './runner.ts';
export { taskId } from './task-id.ts';
export { startWorker, type QueueWorker, type WorkerCloseOptions, type QueueWorkerOptions } from './worker.ts';

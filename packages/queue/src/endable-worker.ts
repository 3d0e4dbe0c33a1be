import { Worker } from 'bullmq';

/** BullMQ's worker, which can end without Redis. */
export class EndableWorker<Data, Result> extends Worker<Data, Result> {
  /** Stops the timer of the locks, which keeps the process: `close` comes to it only if Redis is there. */
  stopRenewal(): Promise<void> {
    return this.lockManager.close();
  }
}

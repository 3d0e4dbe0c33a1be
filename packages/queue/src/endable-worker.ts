import { Worker, type Job } from 'bullmq';

/**
 * A worker of BullMQ that can end while Redis cannot be reached, and that never runs one job twice at the same time.
 */
export class EndableWorker<Data, Result> extends Worker<Data, Result> {
  readonly #runs = new Map<string, Promise<unknown>>();

  /**
   * Stops the timer that renews the locks of jobs. The timer keeps the process alive, and BullMQ's `close` stops the
   * timer only if Redis responds.
   */
  stopRenewal(): Promise<void> {
    return this.lockManager.close();
  }

  /**
   * Runs a job. If this worker still runs the same job, because the lock of the earlier run has expired, `processJob`
   * first waits for the end of the earlier run. BullMQ renews locks by the name of the job, so the end of the earlier
   * run would also end the renewal of the new lock.
   */
  override async processJob(
    ...[job, ...others]: Parameters<Worker<Data, Result>['processJob']>
  ): Promise<void | Job<Data, Result>> {
    const id = job.id!;
    const earlier = this.#runs.get(id);
    const run = (async () => {
      await earlier?.catch(() => undefined);
      return super.processJob(job, ...others);
    })();
    this.#runs.set(id, run);
    try {
      return await run;
    } finally {
      if (this.#runs.get(id) === run) this.#runs.delete(id);
    }
  }
}

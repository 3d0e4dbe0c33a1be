import { Worker, type Job } from 'bullmq';

/** BullMQ's worker, which can end without Redis, and does not run a job twice at the same time. */
export class EndableWorker<Data, Result> extends Worker<Data, Result> {
  readonly #runs = new Map<string, Promise<unknown>>();

  /**
   * Stops the timer that renews the locks, which keeps the process alive. `close` stops the timer only if Redis
   * answers.
   */
  stopRenewal(): Promise<void> {
    return this.lockManager.close();
  }

  /**
   * Before running a job, waits for an earlier run of the same job whose lock has expired. BullMQ renews locks by the
   * name of the job: the end of the earlier run would also end the renewal of the new lock.
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

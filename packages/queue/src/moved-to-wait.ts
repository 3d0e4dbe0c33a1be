import type { Job } from 'bullmq';

/** Puts a job back into the queue. Returns false if another worker holds the lock of the job. */
export const movedToWait = async (job: Job, token: string): Promise<boolean> => {
  try {
    await job.moveToWait(token);
    return true;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'number') return false;
    throw error;
  }
};

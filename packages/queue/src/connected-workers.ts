import type { Queue } from 'bullmq';

/**
 * Returns the names of the workers of a queue that are connected to Redis, or undefined if Redis does not list its
 * clients.
 */
export const connectedWorkers = async (queue: Queue): Promise<readonly string[] | undefined> => {
  const names = (await queue.getWorkers()).map(({ rawname }) => /:w:(.*)$/.exec(rawname ?? '')?.[1]);
  return names.every((name) => name !== undefined) ? names : undefined;
};

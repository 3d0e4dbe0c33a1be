import type { QueueEvent } from '@impflow/jobs';

/** Describes an event of a queue as a sentence. Returns undefined for the start and the end of a task. */
export const eventText = (event: QueueEvent): string | undefined => {
  switch (event.type) {
    case 'disconnected':
      return 'No connection to Redis. Waiting for it.';
    case 'connected':
      return 'Redis is back.';
    case 'warning':
      return event.message;
    case 'lost':
      return `Task ${event.id.slice(0, 8)} was given to another worker, because this worker sent no sign of life for too long.`;
    case 'recovered':
      return `Task ${event.id.slice(0, 8)} of a lost worker is in the queue again.`;
    case 'returned':
      return `Task ${event.id.slice(0, 8)} is given back to the queue.`;
    case 'refused':
      return `Task ${event.id.slice(0, 8)} is left to other workers. ${event.message}.`;
    case 'failed':
      return event.message;
    case 'started':
    case 'done':
      return undefined;
  }
};

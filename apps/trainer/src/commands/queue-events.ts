import type { QueueEvent } from '@impflow/jobs';

/** Describes an event in words. Returns undefined for the usual events. */
export const eventText = (event: QueueEvent): string | undefined => {
  switch (event.type) {
    case 'disconnected':
      return 'Redis is away. Waiting for it.';
    case 'connected':
      return 'Redis is back.';
    case 'warning':
      return event.message;
    case 'lost':
      return `Task ${event.id.slice(0, 8)} was given to another worker: this one gave no sign for too long.`;
    case 'recovered':
      return `Task ${event.id.slice(0, 8)} of a worker that is gone is in the queue again.`;
    case 'returned':
      return `Task ${event.id.slice(0, 8)} is given back.`;
    case 'failed':
      return event.message;
    case 'started':
    case 'done':
      return undefined;
  }
};

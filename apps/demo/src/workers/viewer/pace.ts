/** How many rows a piece of work takes at a time. Mutable: it follows what pieces turn out to take. */
export interface Pace {
  rows: number;
}

/** What nobody knows the speed of yet. */
export const newPace = (): Pace => ({ rows: 512 });

/** Milliseconds that a piece should take: a click waits no longer. */
const PIECE_MS = 20;
const [LEAST, MOST] = [64, 16_384];

/**
 * `work` on all rows, a piece at a time, with a turn of the event loop between two pieces: other calls of the worker are answered there. What `work` throws ends it.
 */
export const inPieces = async (rows: number, pace: Pace, work: (first: number, count: number) => void): Promise<void> => {
  for (let first = 0; first < rows;) {
    const asked = pace.rows;
    const count = Math.min(asked, rows - first);
    const start = performance.now();
    work(first, count);
    const took = Math.max(0.1, performance.now() - start);
    // A short last piece says little: most of its time is not for its rows.
    if (count === asked) pace.rows = Math.min(MOST, Math.max(LEAST, Math.round(asked * Math.min(2, Math.max(0.5, PIECE_MS / took)))));
    first += count;
    if (first < rows) await turn();
  }
};

/** One turn of the event loop: messages that have arrived are answered. A timer would wait for at least 4 ms once it is used often. */
export const turn = (): Promise<void> => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', () => {
    port1.close();
    resolve();
  });
  port1.start();
  port2.postMessage(0);
});

/** A {@link turn} where the last was more than a piece's time ago. */
export const breather = (): (() => Promise<void>) => {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < PIECE_MS) return;
    await turn();
    last = performance.now();
  };
};

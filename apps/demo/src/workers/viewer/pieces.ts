/** Number of rows per piece of work. Mutable: it is adapted to the measured time of the pieces. */
export interface PieceSize {
  rows: number;
}

/** Initial size, before anything is measured. */
export const newPieceSize = (): PieceSize => ({ rows: 512 });

/** Target time of a piece in milliseconds: a click waits no longer than this. */
const PIECE_MS = 20;
const [LEAST, MOST] = [64, 16_384];

/**
 * Runs `work` on all rows, piece by piece. Between two pieces the event loop runs, so other calls of the worker are
 * answered. An error of `work` ends it.
 */
export const inPieces = async (
  rows: number,
  pieceSize: PieceSize,
  work: (first: number, count: number) => void,
): Promise<void> => {
  for (let first = 0; first < rows;) {
    const asked = pieceSize.rows;
    const count = Math.min(asked, rows - first);
    const start = performance.now();
    work(first, count);
    const took = Math.max(0.1, performance.now() - start);
    // A short last piece is not measured: most of its time is overhead.
    if (count === asked)
      pieceSize.rows = Math.min(MOST, Math.max(LEAST, Math.round(asked * Math.min(2, Math.max(0.5, PIECE_MS / took)))));
    first += count;
    if (first < rows) await yieldToEvents();
  }
};

/**
 * Yields to the event loop once, so that waiting messages are answered. A timer would wait at least 4 ms once it is
 * used often.
 */
const yieldToEvents = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(0);
  });

/** Yields with {@link yieldToEvents} if the last time was longer ago than one piece takes. */
export const throttledYield = (): (() => Promise<void>) => {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < PIECE_MS) return;
    await yieldToEvents();
    last = performance.now();
  };
};

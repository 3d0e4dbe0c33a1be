/** Number of rows per piece of work. The number is mutable: it is adapted to the measured duration of the pieces. */
export interface PieceSize {
  rows: number;
}

/** Returns the initial piece size, which is used before any duration is measured. */
export const newPieceSize = (): PieceSize => ({ rows: 512 });

/**
 * Desired duration of a piece of work, in milliseconds. A click of the visitor may have to wait until a piece has
 * ended.
 */
const PIECE_MS = 20;
const [LEAST, MOST] = [64, 16_384];

/**
 * Runs `work` on all rows, in several pieces. Between two pieces the event loop runs, so that the worker responds to
 * other calls. If `work` throws, no further pieces run.
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
    // The duration of a last piece with fewer rows is ignored, because the duration of a short piece is mostly
    // overhead.
    if (count === asked)
      pieceSize.rows = Math.min(MOST, Math.max(LEAST, Math.round(asked * Math.min(2, Math.max(0.5, PIECE_MS / took)))));
    first += count;
    if (first < rows) await yieldToEvents();
  }
};

/**
 * Yields to the event loop once, so that waiting messages are handled. A message is used instead of a timer, because
 * browsers delay frequent timers by at least 4 ms.
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

/**
 * Returns a function that calls {@link yieldToEvents} if at least {@link PIECE_MS} milliseconds have passed since the
 * last such call.
 */
export const throttledYield = (): (() => Promise<void>) => {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < PIECE_MS) return;
    await yieldToEvents();
    last = performance.now();
  };
};

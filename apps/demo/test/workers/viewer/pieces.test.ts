import { describe, expect, it } from 'vitest';
import { throttledYield, inPieces, newPieceSize } from '../../../src/workers/viewer/pieces.ts';
import { readWriteLock } from '../../../src/workers/viewer/read-write-lock.ts';

/** Keeps the processor busy for a number of milliseconds. */
const work = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('work in pieces', () => {
  it('pieces of work cover every row once, in order', async () => {
    const pieceSize = newPieceSize();
    const seen: number[] = [];
    await inPieces(10_001, pieceSize, (first, count) => {
      for (let i = 0; i < count; i++) seen.push(first + i);
    });
    expect(seen).toEqual(Array.from({ length: 10_001 }, (_, i) => i));
    // For work that takes almost no time, the pieces get larger.
    expect(pieceSize.rows).toBeGreaterThan(512);
  });

  it('pieces of slow work become smaller, and other tasks run between pieces', async () => {
    const pieceSize = newPieceSize();
    let [pieces, others] = [0, 0];
    const timer = setInterval(() => {
      others += 1;
    });
    // A row takes a tenth of a millisecond, so a piece of 20 ms has 200 rows.
    await inPieces(1500, pieceSize, (_first, count) => {
      pieces += 1;
      work(count / 10);
    });
    clearInterval(timer);
    expect(pieceSize.rows).toBeGreaterThan(100);
    expect(pieceSize.rows).toBeLessThan(300);
    expect(pieces).toBeGreaterThan(3);
    expect(others).toBeGreaterThan(1);
  });

  it('if the work throws, no further pieces run; if there are no rows, no pieces run', async () => {
    await expect(
      inPieces(10, newPieceSize(), () => {
        throw new Error('from the work');
      }),
    ).rejects.toThrow('from the work');
    await inPieces(0, newPieceSize(), () => {
      throw new Error('never');
    });
  });

  it('`throttledYield` yields to the event loop after the desired duration of a piece', async () => {
    const pause = throttledYield();
    let yielded = false;
    setImmediate(() => {
      yielded = true;
    });
    await pause();
    expect(yielded).toBe(false);
    work(25);
    await pause();
    await pause();
    expect(yielded).toBe(true);
  });
});

describe('the read-write lock', () => {
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  const later = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
    let resolve = (): void => {};
    return {
      promise: new Promise((done) => {
        resolve = done;
      }),
      resolve: () => resolve(),
    };
  };

  it('the lock runs reads concurrently; a write waits for earlier reads and blocks later reads', async () => {
    const { read, write } = readWriteLock();
    const log: string[] = [];
    const [first, second, changing] = [later(), later(), later()];
    const all = [
      read(async () => {
        log.push('first');
        await first.promise;
        log.push('first over');
      }),
      read(async () => {
        log.push('second');
        await second.promise;
        log.push('second over');
      }),
      write(async () => {
        log.push('change');
        await changing.promise;
        log.push('change over');
      }),
      read(() => {
        log.push('third');
      }),
      write(() => {
        log.push('another change');
      }),
    ];
    await settled();
    expect(log).toEqual(['first', 'second']);
    second.resolve();
    await settled();
    expect(log).toEqual(['first', 'second', 'second over']);
    first.resolve();
    await settled();
    expect(log.slice(3)).toEqual(['first over', 'change']);
    changing.resolve();
    await Promise.all(all);
    expect(log.slice(5)).toEqual(['change over', 'third', 'another change']);
  });

  it('the lock returns results and errors to the callers, and continues after an error', async () => {
    const { read, write } = readWriteLock();
    const failed = [
      read(() => {
        throw new Error('look');
      }),
      write(async () => {
        throw new Error('change');
      }),
    ];
    expect(await read(() => 3)).toBe(3);
    expect(await write(async () => 4)).toBe(4);
    await expect(failed[0]).rejects.toThrow('look');
    await expect(failed[1]).rejects.toThrow('change');
  });
});

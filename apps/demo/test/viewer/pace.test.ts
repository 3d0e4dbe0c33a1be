import { describe, expect, it } from 'vitest';
import { gate } from '../../src/workers/viewer/gate.ts';
import { breather, inPieces, newPace } from '../../src/workers/viewer/pace.ts';

/** Keeps the processor busy. */
const work = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('pieces', () => {
  it('cover every row once, in order', async () => {
    const pace = newPace();
    const seen: number[] = [];
    await inPieces(10_001, pace, (first, count) => { for (let i = 0; i < count; i++) seen.push(first + i); });
    expect(seen).toEqual(Array.from({ length: 10_001 }, (_, i) => i));
    // Work that takes no time is done in larger pieces.
    expect(pace.rows).toBeGreaterThan(512);
  });

  it('become as small as their work is slow, and let others in between', async () => {
    const pace = newPace();
    let [pieces, others] = [0, 0];
    const timer = setInterval(() => { others += 1; });
    // A tenth of a millisecond a row: 20 ms are 200 rows.
    await inPieces(1500, pace, (_first, count) => {
      pieces += 1;
      work(count / 10);
    });
    clearInterval(timer);
    expect(pace.rows).toBeGreaterThan(100);
    expect(pace.rows).toBeLessThan(300);
    expect(pieces).toBeGreaterThan(3);
    expect(others).toBeGreaterThan(1);
  });

  it('end with what the work throws, and none for no rows', async () => {
    await expect(inPieces(10, newPace(), () => { throw new Error('from the work'); })).rejects.toThrow('from the work');
    await inPieces(0, newPace(), () => { throw new Error('never'); });
  });

  it('a breather pauses only when it is time', async () => {
    const breathe = breather();
    let turned = false;
    setImmediate(() => { turned = true; });
    await breathe();
    expect(turned).toBe(false);
    work(25);
    await breathe();
    await breathe();
    expect(turned).toBe(true);
  });
});

describe('the gate', () => {
  const settled = async (): Promise<void> => { for (let i = 0; i < 20; i++) await Promise.resolve(); };
  const later = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
    let resolve = (): void => {};
    return { promise: new Promise((done) => { resolve = done; }), resolve: () => resolve() };
  };

  it('lets looks go side by side, and a change wait for those before it and hold those after it', async () => {
    const { look, change } = gate();
    const log: string[] = [];
    const [first, second, changing] = [later(), later(), later()];
    const all = [
      look(async () => { log.push('first'); await first.promise; log.push('first over'); }),
      look(async () => { log.push('second'); await second.promise; log.push('second over'); }),
      change(async () => { log.push('change'); await changing.promise; log.push('change over'); }),
      look(() => { log.push('third'); }),
      change(() => { log.push('another change'); }),
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

  it('gives results and errors to those who asked, and goes on', async () => {
    const { look, change } = gate();
    const failed = [look(() => { throw new Error('look'); }), change(async () => { throw new Error('change'); })];
    expect(await look(() => 3)).toBe(3);
    expect(await change(async () => 4)).toBe(4);
    await expect(failed[0]).rejects.toThrow('look');
    await expect(failed[1]).rejects.toThrow('change');
  });
});

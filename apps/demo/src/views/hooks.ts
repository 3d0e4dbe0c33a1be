import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

/** Coalesces calls: several calls of `request` within a frame cause a single call of `draw` in the next frame. */
export const coalesced = (draw: () => void): { request(): void; stop(): void } => {
  let frame: number | undefined;
  return {
    request: () => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        draw();
      });
    },
    stop: () => {
      if (frame !== undefined) cancelAnimationFrame(frame);
      frame = undefined;
    },
  };
};

/** Calls `call` at most once every `ms` milliseconds. After each `request`, `call` is called at least once. */
export const throttled = (call: () => void, ms: number): { request(): void; stop(): void } => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = -Infinity;
  const run = (): void => {
    timer = undefined;
    last = performance.now();
    call();
  };
  return {
    request: () => {
      timer ??= setTimeout(run, Math.max(0, last + ms - performance.now()));
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
};

/** Returns the width of an element in CSS pixels. The width is 0 until the browser has laid out the element. */
export const useWidth = (element: RefObject<HTMLElement | null>): ReadonlySignal<number> => {
  const width = useMemo(() => signal(0), []);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      width.value = Math.floor(entry!.contentRect.width);
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return width;
};

/**
 * Calls `report` with true when the element comes near the visible part of the page. Calls `report` with false when the
 * element is far from the visible part or is unmounted.
 */
export const useOnScreen = (report: (seen: boolean) => void): RefObject<HTMLDivElement | null> => {
  const element = useRef<HTMLDivElement | null>(null);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => report(entries.at(-1)!.isIntersecting), {
      rootMargin: '100px',
    });
    observer.observe(element.current!);
    return () => {
      observer.disconnect();
      report(false);
    };
  }, []);
  return element;
};

/**
 * Returns a number that identifies an object. Use the number as the `key` of a component that must be mounted anew when
 * the object is replaced.
 */
export const identityOf = (record: object): number => {
  const known = identities.get(record);
  if (known !== undefined) return known;
  last += 1;
  identities.set(record, last);
  return last;
};
const identities = new WeakMap<object, number>();
let last = 0;

/** Changes some fields of a record in a signal. If no value changes, the signal is not updated. */
export const amend = <T extends object>(record: Signal<T>, change: Partial<T>): void => {
  const before = record.peek();
  if (Object.entries(change).some(([name, value]) => before[name as keyof T] !== value))
    record.value = { ...before, ...change };
};

/** Returns whether the visitor prefers reduced motion. */
export const stillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

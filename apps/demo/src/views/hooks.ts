import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

/** Coalesces calls: any number of calls of `request` within a frame cause one call of `draw` in the next frame. */
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

/** Limits calls to one call every `ms` milliseconds. Every request is followed by a call. */
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

/** Returns the width of an element in CSS pixels. It is 0 until the element is laid out. */
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

/** Calls `report` with true when the element comes near the screen, and with false when it leaves or is unmounted. */
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
 * Returns a number that identifies an object. Use it as the `key` of components that must be mounted anew for another
 * object.
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

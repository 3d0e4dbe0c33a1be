import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * Keeps an element in view while the page scrolls, below the bar of controls before it. If the element is higher than
 * the window, its lower end stays in view, so that the visitor can still scroll to every part of the element.
 */
export const useSticky = (): RefObject<HTMLElement | null> => {
  const element = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const place = (): void => {
      const { current } = element;
      if (current === null) return;
      const bar = current.previousElementSibling instanceof HTMLElement ? current.previousElementSibling : undefined;
      current.style.insetBlockStart = `${Math.min(bar?.offsetHeight ?? 0, innerHeight - current.offsetHeight)}px`;
    };
    const observer = new ResizeObserver(place);
    observer.observe(element.current!);
    addEventListener('resize', place);
    return () => {
      observer.disconnect();
      removeEventListener('resize', place);
    };
  }, []);
  return element;
};

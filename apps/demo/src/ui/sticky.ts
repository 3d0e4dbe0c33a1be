import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** For an element that stays in view while the page scrolls: one higher than the window stays with its lower end, so that nothing of it is out of reach. */
export const useSticky = (): RefObject<HTMLElement | null> => {
  const element = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const place = (): void => {
      const { current } = element;
      if (current !== null) current.style.insetBlockStart = `${Math.min(0, innerHeight - current.offsetHeight)}px`;
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

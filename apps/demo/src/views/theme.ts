import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** Colors of the page's theme, for drawings on canvases. Stylesheets have no effect inside canvases. */
export interface Theme {
  readonly ink: string;
  readonly inkSoft: string;
  readonly paper: string;
  readonly panel: string;
  readonly line: string;
  readonly accent: string;
  /** Colors of curves: blue, vermilion, green. */
  readonly curves: readonly [string, string, string];
  readonly dark: boolean;
}

const themeNow = (): Theme => {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  const chosen = document.documentElement.dataset['theme'];
  return {
    ink: read('--ink', '#1b1d22'),
    inkSoft: read('--ink-soft', '#555b66'),
    paper: read('--paper', '#ffffff'),
    panel: read('--panel', '#f3f4f6'),
    line: read('--line', '#d5d8de'),
    accent: read('--accent', '#2b5fb8'),
    curves: [read('--curve-1', '#2368b0'), read('--curve-2', '#c44a1c'), read('--curve-3', '#1f7d57')],
    dark: chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches),
  };
};

const current = signal<Theme | undefined>(undefined);
let watchers = 0;
let stop: (() => void) | undefined;

/**
 * Updates the colors when the attribute `data-theme` of the page or the preference of the system changes. The updates
 * continue as long as any view is mounted.
 */
const watch = (): (() => void) => {
  const refresh = (): void => {
    const now = themeNow();
    if (JSON.stringify(now) !== JSON.stringify(current.value)) current.value = now;
  };
  const observer = new MutationObserver(refresh);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] });
  const media = matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', refresh);
  // The colors may also change when a stylesheet is loaded after the first view is mounted.
  addEventListener('load', refresh);
  refresh();
  return () => {
    observer.disconnect();
    media.removeEventListener('change', refresh);
    removeEventListener('load', refresh);
  };
};

/** Returns a signal with the current colors of the theme. */
export const useTheme = (): ReadonlySignal<Theme> => {
  current.value ??= themeNow();
  useEffect(() => {
    watchers += 1;
    stop ??= watch();
    return () => {
      watchers -= 1;
      if (watchers > 0) return;
      stop?.();
      stop = undefined;
    };
  }, []);
  return current as ReadonlySignal<Theme>;
};

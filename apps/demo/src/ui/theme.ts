import { signal, type ReadonlySignal } from '@preact/signals';

/** The theme of the page, light or dark. The page follows the theme of the system until the visitor chooses a theme. */
export interface ThemeSwitch {
  readonly dark: ReadonlySignal<boolean>;
  toggle(): void;
  stop(): void;
}

const KEY = 'impflow-theme';

export const startTheme = (): ThemeSwitch => {
  const media = matchMedia('(prefers-color-scheme: dark)');
  const { dataset } = document.documentElement;
  const kept = recall(KEY);
  if (kept === 'dark' || kept === 'light') dataset['theme'] = kept;
  const isDark = (): boolean => (dataset['theme'] ?? (media.matches ? 'dark' : 'light')) === 'dark';
  const dark = signal(isDark());
  const follow = (): void => {
    dark.value = isDark();
  };
  media.addEventListener('change', follow);
  return {
    dark,
    toggle: () => {
      dataset['theme'] = dark.value ? 'light' : 'dark';
      keep(KEY, dataset['theme']);
      follow();
    },
    stop: () => media.removeEventListener('change', follow),
  };
};

/**
 * Returns a value from the browser's local storage. Undefined if no value is stored, or if the browser offers no
 * storage.
 */
export const recall = (key: string): string | undefined => {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
};

export const keep = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* If the browser offers no storage, the visitor's choice is lost when the page closes. */
  }
};

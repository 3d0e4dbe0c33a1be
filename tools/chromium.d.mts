/** The executable of Chromium, where there is one. Throws where CHROME_PATH names none. */
export declare const chromium: () => string | undefined;
export const BROWSER_FLAGS: readonly string[];

/** The executable of Chromium, or undefined. Throws if CHROME_PATH names a file that does not exist. */
export declare const chromiumPath: () => string | undefined;
export const BROWSER_FLAGS: readonly string[];

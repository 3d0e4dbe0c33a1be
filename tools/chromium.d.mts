/** The executable of Chromium, where there is one. Throws where CHROME_PATH names none. */
export declare const chromium: () => string | undefined;

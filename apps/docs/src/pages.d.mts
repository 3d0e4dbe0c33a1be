/** The root of the repository, with a trailing slash. */
export declare const root: string;
/** The pages of the site, each with its group. */
export declare const pages: readonly { readonly path: string; readonly group: string }[];

/** Of the repository, with a slash at its end. */
export declare const root: string;
/** The pages of the site, each with its group. */
export declare const pages: readonly { readonly path: string; readonly group: string }[];

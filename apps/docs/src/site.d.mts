/** Builds the site into `out`. @throws for any warning of typedoc. */
export declare const buildSite: (out: string, options?: { readonly quiet?: boolean }) => Promise<void>;

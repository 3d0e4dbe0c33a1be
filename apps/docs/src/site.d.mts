/** Builds the site into `out`. @throws where typedoc complains of anything. */
export declare const buildSite: (out: string, options?: { readonly quiet?: boolean }) => Promise<void>;

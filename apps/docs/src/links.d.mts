/** A link, where it stands, and what is wrong with it. */
export interface BrokenLink { readonly at: string; readonly link: string; readonly why: string }
export interface CheckedLinks { readonly checked: number; readonly external: ReadonlySet<string>; readonly broken: readonly BrokenLink[] }
/** Of every HTML file of a built site. */
export declare const linksOfSite: (folder: string) => CheckedLinks;
/** Of markdown files, paths from the root of the repository. */
export declare const linksOfPages: (paths: readonly string[]) => CheckedLinks;

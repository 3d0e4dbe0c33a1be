/** A link, its place, and its problem. */
export interface BrokenLink {
  readonly at: string;
  readonly link: string;
  readonly why: string;
}
export interface CheckedLinks {
  readonly checked: number;
  readonly external: ReadonlySet<string>;
  readonly broken: readonly BrokenLink[];
}
/** The links of every HTML file of a built site. */
export declare const linksOfSite: (folder: string) => CheckedLinks;
/** The links of markdown files; paths from the root of the repository. */
export declare const linksOfPages: (paths: readonly string[]) => CheckedLinks;

/** Documents with code blocks: paths from the root of the repository. */
export declare const documents: () => readonly string[];

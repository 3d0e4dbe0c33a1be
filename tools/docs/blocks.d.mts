export interface Block {
  readonly path: string;
  readonly line: number;
  readonly language: string;
}
export interface BlockResult {
  readonly block: Block;
  readonly outcome: 'ran' | 'looked at' | 'not run' | 'failed';
  readonly detail: string;
  readonly seconds: number;
}
/** Runs the code blocks of all documents, or of those whose path contains one of the words. */
export declare const runBlocks: (options?: {
  readonly words?: readonly string[];
  readonly say?: (page: readonly BlockResult[]) => void;
}) => Promise<readonly BlockResult[]>;
export declare const inWords: (result: BlockResult) => string;
export declare const summary: (results: readonly BlockResult[]) => string;

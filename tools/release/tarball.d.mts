export interface Packed {
  readonly name: string;
  readonly manifest: { readonly exports: Readonly<Record<string, unknown>> };
}

export declare const checkContents: (path: string) => Promise<readonly string[]>;
export declare const checkPublint: (path: string) => Promise<void>;
export declare const checkTypes: (path: string, one: Packed) => Promise<void>;

export declare const studyPython: { readonly command: string; ready(): boolean };

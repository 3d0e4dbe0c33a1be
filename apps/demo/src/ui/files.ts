/** A file that the visitor has opened, dropped or pasted. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Largest file that the page accepts, in bytes. */
const MOST_BYTES = 2 ** 28;

/** Reads a file. @throws if the file is larger than {@link MOST_BYTES}. */
export const readFile = async (file: File): Promise<GivenFile> => {
  if (file.size > MOST_BYTES)
    throw new Error(
      `${file.name} is too large: expected at most 256 MB, got ${Math.round(file.size / 2 ** 20)} MB. Export fewer rows or columns.`,
    );
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
};

/** Saves a blob as a downloaded file with this name. */
export const download = (name: string, blob: Blob): void => {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  [link.href, link.download] = [address, name];
  link.click();
  // The browser may read the URL some time after the click. Therefore the URL is revoked only after a minute.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};

export const isModel = (name: string): boolean => name.toLowerCase().endsWith('.safetensors');

/**
 * Returns pasted text as a file. The file name ends in `.tsv` or `.csv`, which determines the separator between cells.
 */
export const pasted = (text: string): GivenFile => ({
  name: (text.split('\n', 1)[0] ?? '').includes('\t') ? 'pasted.tsv' : 'pasted.csv',
  bytes: new TextEncoder().encode(text),
});

/** A file that the visitor gave. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Largest file that the page accepts, in bytes. */
const MOST_BYTES = 2 ** 28;

/** @throws for a file too large for a page. */
export const readFile = async (file: File): Promise<GivenFile> => {
  if (file.size > MOST_BYTES)
    throw new Error(
      `${file.name} is too large: expected at most 256 MB, got ${Math.round(file.size / 2 ** 20)} MB. Take fewer rows or columns.`,
    );
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
};

/** Offers bytes to the visitor as a download. */
export const download = (name: string, blob: Blob): void => {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  [link.href, link.download] = [address, name];
  link.click();
  // The browser reads the URL after the click; a minute is long enough.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};

export const isModel = (name: string): boolean => name.toLowerCase().endsWith('.safetensors');

/** A file name for pasted text, whose extension gives the separator of its cells. */
export const pasted = (text: string): GivenFile => ({
  name: (text.split('\n', 1)[0] ?? '').includes('\t') ? 'pasted.tsv' : 'pasted.csv',
  bytes: new TextEncoder().encode(text),
});

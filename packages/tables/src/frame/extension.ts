/**
 * Returns the extension of a path or an address, in lower case and with its dot, such as `.csv`. The extension of a
 * packed file has two dots, such as `.csv.gz`. Returns an empty string if there is no extension.
 */
export const extensionOf = (path: string): string => {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
  const last = lastExtension(name);
  return last === PACKED ? lastExtension(name.slice(0, -PACKED.length)) + PACKED : last;
};

/** Whether the extension of a path or an address says that the file is packed by gzip. */
export const isPacked = (path: string): boolean => extensionOf(path).endsWith(PACKED);

/** Returns the extension of the file without the packing: `.csv` for `.csv.gz`. */
export const unpackedExtension = (path: string): string => extensionOf(path).replace(/\.gz$/, '');

const PACKED = '.gz';

const lastExtension = (name: string): string => {
  const at = name.lastIndexOf('.');
  return at <= 0 ? '' : name.slice(at);
};

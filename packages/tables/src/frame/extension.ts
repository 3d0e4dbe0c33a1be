/**
 * Returns the extension of a path or an address, in lower case and with its dot, such as `.csv`. Returns an empty
 * string if there is no extension.
 */
export const extensionOf = (path: string): string => {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const at = name.lastIndexOf('.');
  return at <= 0 ? '' : name.slice(at).toLowerCase();
};

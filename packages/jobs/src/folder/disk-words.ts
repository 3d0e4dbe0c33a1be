/** Describes an error of the file system in words. */
export const diskWords = (cause: unknown): string => {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
  return REASONS[code] ?? code;
};

const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: 'a file in its place',
  EISDIR: 'a folder in its place',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'a read-only file system',
  ENOENT: 'a place where no file can be created',
  ENOSPC: 'a full disk',
  EDQUOT: 'a full quota',
  EFBIG: 'a file of the largest allowed size',
};

import type { Frame, FrameOptions } from '@impflow/tables';
import { localPath } from './address.ts';

// The import `#node-files`. In a bundle for web pages, `page-files.ts` replaces this module.

/** Reads a table file by calling `readFrame` of `@impflow/tables`. */
export const readFile = async (path: string | URL, options: FrameOptions): Promise<Frame> => {
  const { readFrame } = await import('@impflow/tables');
  return readFrame(localPath(path), options);
};

/** Reads a table from the bytes of a file by calling `decodeFrame` of `@impflow/tables`. */
export const readBytes = async (name: string, bytes: Uint8Array, options: FrameOptions): Promise<Frame> => {
  const { decodeFrame } = await import('@impflow/tables');
  return decodeFrame(name, bytes, options);
};

import type { Frame, FrameOptions } from '@impflow/tables';
import { localPath } from './address.ts';

// `#node-files`: in a bundle for pages, `page-files.ts` takes the place of this module.

/** Reads a file, as `readFrame` of `@impflow/tables` does. */
export const readFile = async (path: string | URL, options: FrameOptions): Promise<Frame> => {
  const { readFrame } = await import('@impflow/tables');
  return readFrame(localPath(path), options);
};

/** Reads the bytes of a file, as `decodeFrame` of `@impflow/tables` does. */
export const readBytes = async (name: string, bytes: Uint8Array, options: FrameOptions): Promise<Frame> => {
  const { decodeFrame } = await import('@impflow/tables');
  return decodeFrame(name, bytes, options);
};

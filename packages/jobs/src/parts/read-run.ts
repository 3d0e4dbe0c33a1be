import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { decodeCheckpoint, type Checkpoint } from '@impflow/training';
import { bytesFrom, checkedCheckpoint } from 'impflow/run';
import { isAddress } from '../tasks/is-address.ts';

/** A checkpoint with the hash of its bytes. */
interface ReadRun {
  readonly checkpoint: Checkpoint;
  /** SHA-256 in hexadecimal digits. */
  readonly sha256: string;
  /** Path or address. */
  readonly source: string;
}

/**
 * Reads the checkpoint of a run, by the path or the address of its folder or its file.
 *
 * @throws `input` for a file that cannot be read; `checkpoint` for a file that is not a checkpoint.
 */
export const readRun = async (run: string): Promise<ReadRun> => {
  const { bytes, source } = await bytesFrom(run);
  const checkpoint = checkedCheckpoint(decodeCheckpoint(bytes, source), source);
  return { checkpoint, sha256: createHash('sha256').update(bytes).digest('hex'), source };
};

/** Converts a place to an address or an absolute path, which other processes can use. */
export const absolute = (place: string): string => (isAddress(place) ? place : resolve(place));

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { decodeCheckpoint, type Checkpoint } from '@impflow/training';
import { bytesFrom, checkedCheckpoint } from 'impflow/run';
import { isAddress } from '../tasks/is-address.ts';

/** A checkpoint with the hash of its file. */
interface ReadRun {
  readonly checkpoint: Checkpoint;
  /** SHA-256 of the file, in hexadecimal digits. */
  readonly sha256: string;
  /** Path or URL of the checkpoint. */
  readonly source: string;
}

/**
 * Reads the checkpoint of a run. `run` is the path or the URL of the run folder or of the checkpoint file.
 *
 * @throws `input` for a file that cannot be read; `checkpoint` for a file that is not a checkpoint.
 */
export const readRun = async (run: string): Promise<ReadRun> => {
  const { bytes, source } = await bytesFrom(run);
  const checkpoint = checkedCheckpoint(decodeCheckpoint(bytes, source), source);
  return { checkpoint, sha256: createHash('sha256').update(bytes).digest('hex'), source };
};

/** Converts a location to a URL or an absolute path, which other processes can use. */
export const absolute = (place: string): string => (isAddress(place) ? place : resolve(place));

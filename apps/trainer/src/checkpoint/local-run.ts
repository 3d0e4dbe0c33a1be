import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowError } from '@impflow/core';
import { isAddress } from '@impflow/jobs';

/** A run whose files are on this machine. */
interface LocalRun {
  /** Path of the run folder or the checkpoint. */
  readonly path: string;
  /** Deletes the downloaded file, if any. */
  remove(): Promise<void>;
}

const CHECKPOINT = 'checkpoint.safetensors';

/**
 * Returns a run with a local path. The run is given by its path, or by the URL of its folder or checkpoint. From a URL,
 * the checkpoint is downloaded into a temporary file.
 *
 * @throws `input` for a URL that does not return a file.
 */
export const localRun = async (run: string): Promise<LocalRun> => {
  if (!isAddress(run)) return { path: run, remove: async () => {} };
  const address = new URL(run);
  if (!address.pathname.endsWith('.safetensors'))
    address.pathname = `${address.pathname.replace(/\/$/, '')}/${CHECKPOINT}`;
  const bytes = await downloaded(address);
  const folder = await mkdtemp(join(tmpdir(), 'impflow-run-'));
  const path = join(folder, CHECKPOINT);
  await writeFile(path, bytes);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
};

const downloaded = async (address: URL): Promise<Uint8Array> => {
  const refusal = (got: string, cause?: unknown): FlowError =>
    new FlowError('input', 'cli', `No run at ${address.origin}${address.pathname}`, {
      expected: `a checkpoint, ${CHECKPOINT}`,
      got,
      cause,
      hint: 'Check the address.',
    });
  let answer: Response;
  try {
    answer = await fetch(address);
  } catch (cause) {
    const { code, message } =
      (cause as { readonly cause?: NodeJS.ErrnoException }).cause ?? (cause as Error & { code?: string });
    throw refusal(code ?? message, cause);
  }
  if (!answer.ok) throw refusal(`the status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

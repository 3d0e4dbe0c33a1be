import { assertNode, FlowError, shown } from '@impflow/core';
import { decodeCheckpoint, tensorFileBytes, type Checkpoint } from '@impflow/training';
import { ensureBackend } from './backend.ts';
import { checkedCheckpoint } from './checkpoint/checked.ts';
import { registriesOf, type FitOptions } from './fit.ts';
import type { Model } from './model.ts';
import { openModel } from './open-model.ts';
import { checkArguments, OPENING } from './options/check-arguments.ts';
import { addressOf, localPath } from './rows/address.ts';
import type { AnyRow, RowOf } from './rows/rows.ts';
import { CHECKPOINT } from './save-file.ts';

/** Options of {@link load}. */
export type LoadOptions = Pick<FitOptions, 'plugins' | 'backend'>;

/**
 * Opens a model that `save` or `toBytes` wrote. The model is given as bytes, or as the path (Node) or address of its
 * folder or checkpoint file. `load` never executes code from the file.
 *
 * @throws `input` for a file that cannot be read; `checkpoint` for a file without a finished model of a table;
 * `registry` for a method that a plugin must provide.
 */
export const load = async <Row extends RowOf<Row> = AnyRow>(
  from: string | URL | Uint8Array | Blob,
  options: LoadOptions = {},
): Promise<Model<Row>> => {
  checkArguments('impflow/load', options, OPENING);
  const { plugins, backend } = options;
  const registries = registriesOf(plugins);
  const { checkpoint, source } = await readModel(from);
  await ensureBackend(backend);
  return openModel(checkpoint, { registries, source }) as unknown as Model<Row>;
};

/** A checkpoint whose contents were checked. */
export interface ReadModel {
  /** The checkpoint. */
  readonly checkpoint: Checkpoint;
  /** Path, address or name of the checkpoint, for messages. */
  readonly source: string;
}

/** Reads a checkpoint from a path, an address or bytes, and checks its contents before a model is built from them. */
export const readModel = async (from: string | URL | Uint8Array | Blob): Promise<ReadModel> => {
  const { bytes, source } = await bytesFrom(from);
  return { checkpoint: checkedCheckpoint(decodeCheckpoint(bytes, source), source), source };
};

/**
 * Reads the bytes of a checkpoint from a path, an address, a `Blob` or bytes. Returns the bytes, and the name of the
 * checkpoint for messages.
 */
export const bytesFrom = async (
  from: string | URL | Uint8Array | Blob,
): Promise<{ readonly bytes: Uint8Array; readonly source: string }> => {
  if (from instanceof Uint8Array) return { bytes: from, source: 'The checkpoint' };
  if (typeof Blob !== 'undefined' && from instanceof Blob)
    return { bytes: new Uint8Array(await from.arrayBuffer()), source: (from as Partial<File>).name ?? 'The file' };
  if (typeof from !== 'string' && !(from instanceof URL))
    throw new FlowError('input', 'impflow/load', 'Nothing to load', {
      expected: 'a path, an address, or bytes',
      got: shown(from),
      hint: 'Write load("runs/mine").',
    });
  const address = addressOf(from);
  if (address !== undefined) return { bytes: await downloaded(address), source: address.href };
  const path = await pathOf(localPath(from));
  return { bytes: await tensorFileBytes('impflow/load', path), source: path };
};

/**
 * Returns the path of a checkpoint file. The argument is the path of the file or of the folder that contains the file.
 */
const pathOf = async (path: string): Promise<string> => {
  assertNode('impflow/load', 'Give an address, a Blob or bytes.');
  const { stat } = process.getBuiltinModule('node:fs/promises');
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return isFolder ? process.getBuiltinModule('node:path').join(path, CHECKPOINT) : path;
};

const downloaded = async (address: URL): Promise<Uint8Array> => {
  const at = new URL(address);
  if (/^https?:$/.test(at.protocol) && !at.pathname.endsWith('.safetensors'))
    at.pathname = `${at.pathname.replace(/\/$/, '')}/${CHECKPOINT}`;
  const refusal = (got: string, cause?: unknown): FlowError =>
    new FlowError('input', 'impflow/load', `No model at ${at.origin}${at.pathname}`, {
      expected: `a checkpoint, ${CHECKPOINT}`,
      got,
      cause,
      hint: 'Check the address.',
    });
  const answer = await fetch(at).catch((cause: unknown) => {
    throw refusal((cause as Error).message, cause);
  });
  if (!answer.ok) throw refusal(`the status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

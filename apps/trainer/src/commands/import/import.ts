import { resolve } from 'node:path';
import { FlowError, isFlowError, problemOf, writeAtomically } from '@impflow/core';
import { importPublished, type FlowSpec, type PublishedImport, type Registries } from '@impflow/flows';
import { printable, readOffsets, readResolutions } from '@impflow/tables';
import { saveCheckpoint } from '@impflow/training';
import { assertNamesFitFile, assertSpec, assertSpecFitsFile, building, isImagesSpec, number, TIGHT } from 'impflow/run';
import { startBackend, type ComputingOptions } from '../../adapters/backends.ts';
import { registriesWith } from '../../plugins/registries.ts';
import { claimNew } from '../../run-folder/claim.ts';
import { printResult } from '../../terminal/output.ts';
import { readWeights, type Weights } from './read-weights.ts';

export interface ImportOptions extends ComputingOptions {
  /** Activation of the nets. Default: the activation that the file states. */
  readonly activation?: string;
  /** Cap on the norm of each layer. Default: the cap that the file states. */
  readonly coeff?: number;
  /** Height, width and channels of a flow on images. */
  readonly image?: readonly [number, number, number];
  /** Key of the state dict in a `.pth`. */
  readonly weights?: string;
  readonly out?: string;
  readonly force?: boolean;
}

/**
 * Makes a run folder from weights with the key names of the published implementation. The file is a `.pth`, a
 * safetensors file, or a file of `impflow export`. Returns the exit code.
 */
export const importRun = async (file: string, options: ImportOptions): Promise<number> => {
  const registries = await registriesWith(options.plugin, options);
  const { spec, flow, columns, dequantized, offsets } = await withFileName(file, async () => {
    const weights = await readWeights(file, options.weights);
    assertNoRun(weights, file);
    // The backend `auto` means the default backend here, because backends are measured only before a training.
    await startBackend(options.backend === 'auto' ? undefined : options.backend, registries.backend);
    const made = importedModel(weights, file, options, registries);
    assertNumbers(made, weights.state);
    const columns = columnsOf(weights, made.spec);
    return {
      ...made,
      columns,
      dequantized: columnNumbers(weights, DEQUANTIZED, columns) ?? {},
      offsets: columnNumbers(weights, OFFSETS, columns),
    };
  });
  // The singular vectors in the file belong to the last weights. For averaged weights, the singular vectors are
  // recomputed.
  if (options.weights !== undefined && options.weights !== 'state_dict') flow.refresh(TIGHT);
  const { paths, unlock } = await claimNew({ name: 'imported', ...options });
  try {
    const extra = {
      columns,
      dequantized,
      ...(offsets === undefined ? {} : { offsets }),
      provenance: { source: resolve(file) },
    };
    await saveCheckpoint(paths.checkpoint, { spec, seed: 0, extra, model: flow });
    await writeAtomically(paths.config, new TextEncoder().encode(`${JSON.stringify({ ...extra, spec }, null, 2)}\n`));
  } finally {
    unlock();
  }
  const parameters = Object.values(flow.parameters).reduce((sum, parameter) => sum + parameter.size, 0);
  printResult(
    options,
    { run: paths.folder, dim: spec.dim, blocks: spec.blocks.length, parameters },
    () => `${spec.blocks.length} blocks, ${number(parameters)} parameters: ${paths.folder}`,
  );
  return 0;
};

/** @throws `input` for the checkpoint of a run, which needs no import: the other commands read it directly. */
const assertNoRun = ({ state }: Weights, file: string): void => {
  if (Object.keys(state).some((name) => /^(best\.)?parameters\./.test(name)))
    throw new FlowError('input', 'cli', `${file} is the checkpoint of a run`, {
      expected: 'weights with the key names of the published implementation, such as chain.0.nnet_x.0.weight',
      got: 'the key names of a run',
      hint: 'No import is needed: score, sample and inspect read this file.',
    });
};

/**
 * Builds the model from the spec in the file, if the file has a spec and no flag overrides it. Otherwise builds the
 * model from the names of the tensors, the flags and the settings in the file.
 */
const importedModel = (
  { state, settings, metadata }: Weights,
  file: string,
  options: ImportOptions,
  registries: Registries,
): PublishedImport => {
  const { activation = settings['act'], coeff = settings['coeff'], image } = options;
  const { spec } = metadata;
  if (spec !== undefined && options.activation === undefined && options.coeff === undefined && image === undefined) {
    return building(file, () => {
      const parsed = jsonIn(metadata, 'spec') as FlowSpec;
      assertSpec(parsed);
      assertSpecFitsFile(parsed, state);
      return importPublished(state, { spec: parsed, registries });
    });
  }
  const { vnorms = '2', learn_p: learnedNorms = false } = settings;
  if (!/^2+$/.test(String(vnorms)) || learnedNorms === true) {
    throw new FlowError('unsupported', 'cli', 'The norms that cap the layers cannot be imported', {
      expected: 'spectral norms (vnorms 2 in the settings of its training)',
      got: learnedNorms === true ? 'learned orders' : String(vnorms),
    });
  }
  if (typeof activation !== 'string')
    throw new FlowError('option', 'cli', 'The activation is unknown', {
      expected: 'its name in the file, as args.act, or --activation',
      got: 'neither',
      hint: 'Give --activation sin, swish, …',
    });
  if (typeof coeff !== 'number' || !(coeff > 0 && coeff < 1)) {
    throw new FlowError('option', 'cli', 'The cap on the norms of the layers is unknown', {
      expected: 'a number between 0 and 1 in the file, as args.coeff, or --coeff',
      got: coeff === undefined ? 'neither' : String(coeff),
      hint: 'Give --coeff with the value that the training used, such as 0.9.',
    });
  }
  assertNamesFitFile(state, image);
  try {
    const made = importPublished(state, { activation, coeff, registries, ...(image === undefined ? {} : { image }) });
    if (image === undefined || made.spec.shape !== undefined) return made;
    throw new FlowError('option', 'cli', 'A flow on rows has no images', {
      expected: 'no --image',
      got: image.join(),
      hint: 'Leave out --image.',
    });
  } catch (error) {
    if (!isFlowError(error, 'option') || !error.message.includes('images without their shape')) throw error;
    throw new FlowError('option', 'cli', 'The shape of the images is unknown', {
      expected: '--image height,width,channels',
      got: 'none',
      hint: 'The file does not contain the shape: give --image with the shape of the training images, such as 32,32,3.',
    });
  }
};

/** @throws `checkpoint` if two tensors have the same path in the model, or a number is not finite in float32. */
const assertNumbers = ({ paths }: PublishedImport, state: Weights['state']): void => {
  const seen = new Set<string>();
  for (const [name, path] of paths) {
    if (seen.has(path))
      throw new FlowError('checkpoint', 'cli', `The file has two tensors for ${name}`, {
        expected: 'one tensor for that parameter',
        got: 'two, with different names',
        hint: 'Leave one out.',
      });
    seen.add(path);
    const wrong = Array.prototype.find.call(
      state[name]!.data,
      (value: number) => !Number.isFinite(Math.fround(value)),
    ) as number | undefined;
    if (wrong !== undefined)
      throw new FlowError('checkpoint', 'cli', `Tensor ${name} holds a number that is not finite in float32`, {
        expected: 'finite numbers',
        got: String(wrong),
        hint: 'The training has diverged: use an earlier checkpoint.',
      });
  }
};

/** @throws `checkpoint` for an entry of the metadata that is not JSON. */
const jsonIn = (metadata: Weights['metadata'], name: string): unknown => {
  try {
    return JSON.parse(metadata[name]!);
  } catch (cause) {
    throw new FlowError('checkpoint', 'cli', `The metadata ${name} is not JSON`, {
      cause,
      got: metadata[name]!.slice(0, 80),
      hint: 'Export the run again.',
    });
  }
};

const columnsOf = ({ metadata }: Weights, spec: FlowSpec): readonly string[] => {
  const { dim } = spec;
  if (isImagesSpec(spec)) return [];
  const named = metadata['columns'] === undefined ? undefined : jsonIn(metadata, 'columns');
  return Array.isArray(named) &&
    named.length === dim &&
    named.every((name) => typeof name === 'string' && /^\P{Cc}{1,200}$/u.test(name))
    ? named
    : Array.from({ length: dim }, (_, i) => `x${i}`);
};

/**
 * Returns noise widths or offsets by column, from the metadata. `score` needs these numbers.
 *
 * @throws `checkpoint` if the metadata are malformed or contain names of other columns.
 */
const columnNumbers = <T extends object>(
  { metadata }: Weights,
  {
    name,
    expected,
    read,
  }: { readonly name: string; readonly expected: string; readonly read: (json: unknown) => T | undefined },
  columns: readonly string[],
): T | undefined => {
  const text = metadata[name];
  if (text === undefined) return undefined;
  const found = read(jsonIn(metadata, name));
  if (found !== undefined && Object.keys(found).every((column) => columns.includes(column))) return found;
  throw new FlowError('checkpoint', 'cli', `Wrong metadata ${name}`, {
    expected,
    got: text.slice(0, 80),
    hint: 'Export the run again.',
  });
};

const DEQUANTIZED = {
  name: 'dequantized',
  expected: 'a positive number for some of the columns',
  read: readResolutions,
} as const;
const OFFSETS = { name: 'offsets', expected: 'a number for some of the columns', read: readOffsets } as const;

/**
 * @throws the errors of `body`, with the name of the file in the message. Messages are cut to 1000 characters, because
 * a name in a file may be megabytes long.
 */
const withFileName = async <T>(file: string, body: () => Promise<T>): Promise<T> => {
  try {
    return await body();
  } catch (cause) {
    if (!isFlowError(cause)) throw cause;
    const said = printable([problemOf(cause), cause.hint?.replace(/\.$/, '')].filter(Boolean).join('. '));
    throw new FlowError(
      cause.code,
      cause.at,
      `${said.includes(file) ? '' : `${file}: `}${said.length > 1000 ? `${said.slice(0, 1000)}…` : said}`,
      { cause },
    );
  }
};

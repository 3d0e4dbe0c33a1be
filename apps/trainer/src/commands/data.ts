import { unknownName } from '@impflow/core';
import { toys } from '@impflow/tables';
import { imageDatasets, loadImages } from '@impflow/vision';
import { meanOf } from 'impflow/run';
import { realDatasets } from '../dataset/bundled-tables.ts';
import { dataNames, isPath, sourceKind, type ReadingOptions } from '../dataset/source.ts';
import { registriesWith } from '../plugins/registries.ts';
import { cellsOf } from '../tables/rows-of.ts';
import { note, printResult, type OutputOptions } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { describeFrame } from './describe-frame.ts';

export interface DataOptions extends OutputOptions, ReadingOptions {
  readonly plugin?: readonly string[];
}

/** Lists the bundled data sets and the data sets of the plugins. Returns the exit code. */
export const dataList = async (options: DataOptions): Promise<number> => {
  const { data: plugged } = await registriesWith(options.plugin, options);
  const brought = plugged.names.map((name) => [name, plugged.create({ name })] as const);
  const real = [...Object.entries(realDatasets), ...brought].map(
    ([name, { description, columns, source, license }]) => ({
      name,
      kind: 'real' as const,
      description,
      columns,
      source,
      license,
    }),
  );
  const artificial = Object.values(toys).map(({ name, description, entropy }) => ({
    name,
    kind: 'toy' as const,
    description,
    columns: ['x', 'y'],
    ...(entropy === undefined ? {} : { entropy }),
  }));
  const images = Object.entries(imageDatasets).map(([name, { description, shape, classes, source, license }]) => ({
    name,
    kind: 'images' as const,
    description,
    shape,
    classes,
    source,
    license,
  }));
  const sets = [...real, ...artificial, ...images];
  printResult(options, { sets }, () =>
    table({
      head: ['name', 'kind', 'what'],
      rows: sets.map(({ name, kind, description }) => [name, kind, description]),
    }),
  );
  return 0;
};

/**
 * Describes a data set, a file or a folder: the columns of a table, or the images of the training set and the test set
 * by class. Returns the exit code.
 */
export const dataDescribe = async (name: string, options: DataOptions): Promise<number> => {
  const registries = await registriesWith(options.plugin, options);
  const known = [...dataNames(), ...registries.data.names];
  if (!isPath(name) && !known.includes(name)) throw unknownName('cli', 'data set', name, known);
  if ((await sourceKind(name)) === 'images') return describeImages(name, options);
  const frame = await cellsOf(name, registries, options);
  for (const remark of frame.remarks ?? []) note(options, remark);
  describeFrame(name, frame, options);
  return 0;
};

const describeImages = async (name: string, options: OutputOptions): Promise<number> => {
  const loaded = await loadImages(name);
  const parts =
    'all' in loaded
      ? [['all', loaded.all] as const]
      : [['train', loaded.train] as const, ['test', loaded.test] as const];
  const { source, shape, classes } = parts[0]![1];
  const told = parts.map(([part, images]) => ({
    part,
    images: images.count,
    mean: meanOf(images.pixels),
    ...(images.labels === undefined ? {} : { labels: countsOf(images.labels, classes?.length) }),
  }));
  printResult(
    options,
    { name, kind: 'images', source, shape, ...(classes === undefined ? {} : { classes }), parts: told },
    () => {
      const counts = told.flatMap(({ labels }) => (labels === undefined ? [] : [labels]));
      const names =
        counts.length === 0
          ? []
          : Array.from({ length: Math.max(...counts.map((list) => list.length)) }, (_, i) => classes?.[i] ?? String(i));
      return `${source}: ${shape[0]} x ${shape[1]} pixels, ${shape[2] === 1 ? 'gray' : `${shape[2]} channels`}

${table({ head: ['part', 'images', 'mean level'], rows: told.map(({ part, images, mean }) => [part, images, mean]) })}${
        names.length === 0
          ? ''
          : `

${table({ head: ['class', ...told.map(({ part }) => part)], rows: names.map((label, i) => [label, ...counts.map((list) => list[i] ?? 0)]) })}`
      }`;
    },
  );
  return 0;
};

/** Returns the number of images with each label, in a list of at least `classes` entries. */
const countsOf = (labels: Uint8Array, classes = 0): readonly number[] => {
  const counts = Array.from(
    {
      length: Math.max(
        classes,
        labels.reduce((most, label) => Math.max(most, label + 1), 0),
      ),
    },
    () => 0,
  );
  for (const label of labels) counts[label]! += 1;
  return counts;
};

import { fileURLToPath } from 'node:url';
import type { Frame } from '@impflow/tables';
import { realDatasets } from '@impflow/trainer/real';
import type { Plugin } from 'vite';
import { outline, type OutlineSource } from './outline.ts';

/**
 * Names of the bundled data sets of geographic positions. The code calls a data set of geographic positions a place.
 */
const NAMES = ['earthquakes', 'zipcodes'] as const;
type Name = (typeof NAMES)[number];

/** For each bundled data set of geographic positions, the source of the border lines that are drawn over its points. */
const OUTLINES: Readonly<Record<Name, OutlineSource>> = {
  earthquakes: {
    file: 'world-110m.json',
    tolerance: 0.5,
    within: [
      [-180, 180],
      [-90, 90],
    ],
    license: 'Coasts: Natural Earth, public domain, from the package world-atlas (ISC)',
  },
  zipcodes: {
    file: 'us-10m.json',
    tolerance: 0.04,
    within: [
      [-130, -65],
      [24, 50],
    ],
    license: 'Border: U.S. Census Bureau, from the package us-atlas (ISC)',
  },
};

/**
 * A data set of geographic positions. The command line `impflow` also contains this data set. `bytes` holds
 * little-endian float32 pairs: first the positions, then the points of the border lines. `about` is the description of
 * the data that the page shows.
 */
export interface PlaceBytes {
  readonly bytes: Uint8Array;
  readonly columns: readonly string[];
  /** Number of geographic positions. */
  readonly count: number;
  /** Number of float32 pairs in `bytes` that store the border lines. */
  readonly outlined: number;
  readonly about: string;
}

/** Returns the numbers of a two-column table as an array of shape `[rows, 2]`. */
export const pairsOf = ({ columns, rows }: Frame): Float32Array =>
  Float32Array.from({ length: 2 * rows }, (_, i) => columns[i & 1]!.numbers[i >> 1]!);

export const placeBytes = async (name: Name): Promise<PlaceBytes> => {
  const { description, source, license, columns, load } = realDatasets[name];
  const frame = await load();
  const lines = await outline(OUTLINES[name]);
  const all = [...pairsOf(frame), ...lines];
  const view = new DataView(new ArrayBuffer(4 * all.length));
  all.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return {
    bytes: new Uint8Array(view.buffer),
    columns,
    count: frame.rows,
    outlined: lines.length / 2,
    about: `${description} Source: ${source}. License: ${license}. ${OUTLINES[name].license}.`,
  };
};

/**
 * Path of the module that this vite plugin generates. The module itself is not a file on disk. Only its type
 * declarations, `place-files.d.ts`, are a file.
 */
const MODULE = fileURLToPath(new URL('../src/workers/data/place-files.js', import.meta.url));
/** Folder name in the URLs under which the development server serves the data files. */
const FOLDER = '@places/';

/**
 * Vite plugin that generates a module with the URLs and the descriptions of the bundled geographic data sets. The build
 * writes the data files into the folder of the scripts. The URLs are relative to the scripts, so that web workers also
 * find the files if a host serves the page from a subfolder. The development server serves the files from memory. Vite
 * bundles workers separately, so `vite.config.ts` also lists this plugin under `worker.plugins`.
 */
export const places = (): Plugin => {
  let served: string | undefined;
  const made = new Map<Name, Promise<PlaceBytes>>();
  const place = (name: Name): Promise<PlaceBytes> => {
    const found = made.get(name) ?? placeBytes(name);
    made.set(name, found);
    return found;
  };
  return {
    name: 'places',
    configResolved: ({ command, base }) => {
      served = command === 'serve' ? `${base}${FOLDER}` : undefined;
    },
    resolveId: (id) => (id.endsWith('/place-files.js') ? MODULE : undefined),
    async load(id) {
      if (id !== MODULE) return undefined;
      const entries = await Promise.all(
        NAMES.map(async (name) => {
          const { bytes, ...rest } = await place(name);
          const file = `${name}.bin`;
          const url =
            served === undefined
              ? `import.meta.ROLLUP_FILE_URL_${this.emitFile({ type: 'asset', name: file, source: bytes })}`
              : `new URL('${served}${file}', location.href).href`;
          return `${name}: { url: ${url}, ...${JSON.stringify(rest)} },`;
        }),
      );
      return `export const places = Object.freeze({\n${entries.join('\n')}\n});`;
    },
    configureServer: ({ middlewares }) => {
      middlewares.use((request, response, next) => {
        const path = request.url?.split('?', 1)[0];
        const name = NAMES.find((known) => path === `/${FOLDER}${known}.bin`);
        if (name === undefined) {
          next();
          return;
        }
        place(name).then(({ bytes }) => {
          response.setHeader('Content-Type', 'application/octet-stream');
          response.end(bytes);
        }, next);
      });
    },
  };
};

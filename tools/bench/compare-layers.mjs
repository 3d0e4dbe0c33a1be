import { fileURLToPath } from 'node:url';
import { contend } from './contender.mjs';
import { race } from './race.mjs';
import { result } from './result.mjs';
import { layersRows } from './rows.mjs';
import { median } from './statistics.mjs';

const script = fileURLToPath(new URL('layers.mjs', import.meta.url));

/**
 * `{ results }` of plain tfjs-layers programs, on our kernels and, where TensorFlow.js can train them, on the kernels
 * of TensorFlow.js.
 *
 * @param {import('./rows.mjs').Options} options
 */
export const compareLayers = async (options) => {
  const results = [];
  for (const { name, model, stock } of layersRows.filter((row) => options.wanted(row.name))) {
    /**
     * @param {string} label
     * @param {readonly string[]} more
     */
    const start =
      (label, ...more) =>
      () =>
        contend(label, process.execPath, [script, '--model', model, ...more]);
    const racers = await race([start('ours'), ...(stock ? [start('stock', '--simd', 'stock')] : [])], options, name);
    /** @param {string} side */
    const seconds = (side) => {
      const racer = racers.get(side);
      return racer === undefined ? null : median(racer.seconds);
    };
    results.push(
      result({
        name,
        ours: seconds('ours'),
        rival: seconds('stock'),
        ...(stock ? { rivalName: 'TensorFlow.js' } : {}),
      }),
    );
  }
  return { results };
};

import { fileURLToPath } from 'node:url';
import { contend } from './contender.mjs';
import { race } from './race.mjs';
import { contendersOf, startersOfRival } from './rivals.mjs';
import { samplingRows, trainingGroups } from './rows.mjs';
import { median } from './statistics.mjs';

const ROWS = 1000;

/**
 * `[{ side, speed }]`: operations per second of products [1000,128] x [128,128], ours and the rivals', so that a weak
 * rival is visible. Empty unless a row compares with a rival.
 *
 * @param {import('./rows.mjs').Options} options
 */
export const compareProducts = async (options) => {
  const { wanted, python } = options;
  const rows = [...trainingGroups.flatMap((group) => group.rows), ...samplingRows];
  if (!rows.some(({ name, rival }) => 'threads' in rival && wanted(name))) return [];
  const script = fileURLToPath(new URL('products.mjs', import.meta.url));
  const starters = [1, 2].flatMap((threads) => [
    () =>
      contend(`ours, ${threads} ${threads === 1 ? 'thread' : 'threads'}`, process.execPath, [
        script,
        '--workers',
        String(threads),
        '--rows',
        String(ROWS),
      ]),
    ...contendersOf({ job: 'products', side: { threads } }).flatMap((each) =>
      startersOfRival(each, ['--products', '--warmup', '20'], python),
    ),
  ]);
  const racers = await race(starters, options, 'products');
  return [...racers].map(
    ([
      side,
      {
        seconds,
        conclusion: { operations },
      },
    ]) => ({ side, speed: operations / median(seconds) }),
  );
};

// A CSV file, read and split.
import { writeFileSync } from 'node:fs';
import { key } from '@impflow/core';
import { readTable, splitRows, toy } from '@impflow/tables';

const moons = toy('moons').sample(key(0), 200);
writeFileSync(
  'moons.csv',
  `x,y\n${Array.from({ length: 200 }, (_, i) => `${moons[2 * i]},${moons[2 * i + 1]}`).join('\n')}\n`,
);
const table = await readTable('moons.csv');
const { train, test } = splitRows(table.rows, { key: key(1), fractions: { validation: 0.1, test: 0.1 } });
console.log(`${table.rows} rows of ${table.columns.join(', ')}: ${train.length} to train on, ${test.length} to test`);
process.exitCode = table.values.every((value, i) => Math.abs(value - moons[i]) < 1e-6) ? 0 : 1;

// Tests of the columns that the page chooses for a model of a whole table.
import { parseFrame } from '@impflow/tables';
import { expect, it } from 'vitest';
import { learnRoles } from '../../../src/workers/data/learn-roles.ts';

it('identifiers, dates, row numbers, constants and columns that others determine are not chosen, each with a reason', async () => {
  const lines = Array.from({ length: 60 }, (_, i) => {
    const [sales, share] = [(100 + 40 * Math.sin(i)).toFixed(2), (0.3 + 0.2 * Math.cos(1.7 * i)).toFixed(3)];
    const day = new Date(Date.UTC(2024, 0, 1 + ((i * 37) % 97))).toISOString().slice(0, 10);
    return `${i + 1},CA-2024-${1000 + i},${day},US,${['West', 'East', 'South'][i % 3]},${sales},${(2 * Number(sales)).toFixed(2)},${share},${i === 7 ? 'inf' : i % 5}`;
  });
  const header = 'Row ID,Order ID,Order Date,Country,Region,Sales,Twice,Share,Odd';
  const frame = parseFrame('orders.csv', new TextEncoder().encode([header, ...lines].join('\n')));
  expect(Object.fromEntries(await learnRoles(frame))).toEqual({
    'Row ID': { as: 'numbers', chosen: false, why: 'row numbers: they say only how the rows are sorted' },
    'Order ID': { chosen: false, why: 'an identifier: 60 different values in 60 cells' },
    'Order Date': { as: 'dates', chosen: false, why: 'a date: learn it if times belong to the question' },
    Country: { chosen: false, why: 'the same in every row' },
    Region: { as: 'categories', chosen: true },
    Sales: { as: 'numbers', chosen: true },
    Twice: { as: 'numbers', chosen: false, why: 'a linear combination of "Sales"' },
    Share: { as: 'numbers', chosen: true },
    Odd: { chosen: false, why: expect.stringContaining('Infinite numbers in the column "Odd"') },
  });
});

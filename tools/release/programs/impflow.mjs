// Fits a table of two kinds of points, some without a position. Scores rows, fills gaps, and saves the model as bytes.
import { fit, load } from 'impflow';

const rows = Array.from({ length: 300 }, (_, i) => ({
  kind: i % 2 ? 'a' : 'b',
  x: Math.sin(i),
  y: i % 9 ? i % 2 : null,
}));
const model = await fit(rows, { steps: 20, workers: 1 });
const [usual, odd] = model.score([rows[1], { ...rows[1], x: 9 }]);
const [completions] = model.impute([rows[0]], { draws: 3 });
const same = await load(model.toBytes());
if (odd.logDensity > usual.logDensity || same.score([rows[1]])[0].logDensity !== usual.logDensity)
  throw new Error('Wrong.');
console.log(
  `held-out ${model.report.heldOut.nats.toFixed(2)} nats, ${model.report.won}, ${completions.length} completions`,
);

// Fits the table of penguins in a page. Then scores and explains rows, fills gaps, draws samples, saves the model and
// loads it again.
import { fit, load } from 'impflow';
import penguins from '../impflow/penguins.json';

const model = await fit(penguins, { given: ['Species'], steps: 200 });
console.log('held-out nats', JSON.stringify(model.report.heldOut));
console.log('scores', JSON.stringify(model.score(penguins.slice(0, 3))));
console.log('reasons', JSON.stringify(model.explain({ ...penguins[0], 'Body Mass (g)': 6000 })));
console.log('gaps filled', JSON.stringify(model.impute([penguins[3]], { draws: 2 })));
console.log('samples', JSON.stringify(model.sample(2, { given: { Species: 'Gentoo' } })));
const saved = await load(model.toBytes());
console.log('the same scores', JSON.stringify(saved.score(penguins.slice(0, 3))));

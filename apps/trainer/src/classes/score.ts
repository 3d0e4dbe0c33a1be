import { assertNewFile } from '@impflow/jobs';
import { writeFrame } from '@impflow/tables';
import { number } from 'impflow/run';
import { imagesAt } from '../images/data.ts';
import type { ClassifierRun } from '../images/images-run.ts';
import { numbersFrame } from '../images/numbers-frame.ts';
import type { Answer, ScoreOptions } from '../kinds/answer.ts';
import { table } from '../terminal/table.ts';

/** Number of images that the terminal shows: the images with the least certain classes. */
const SHOWN = 10;

/**
 * Computes the class probabilities of every image. The written file has the column `predicted`, which holds the number
 * of the most probable class, and a column `p(<class>)` for each class.
 */
export const scoreClassifier = async (
  { model }: ClassifierRun,
  file: string,
  { out, force }: ScoreOptions,
): Promise<Answer> => {
  if (out !== undefined) await assertNewFile(out, { force, inputs: [file] });
  const { classes } = model;
  const { predicted, probabilities, heldOut } = await model.score(await imagesAt(file));
  const of = (image: number): Float64Array =>
    probabilities.subarray(image * classes.length, (image + 1) * classes.length);
  if (out !== undefined)
    await writeFrame(
      out,
      numbersFrame(
        {
          predicted,
          ...Object.fromEntries(
            classes.map((name, c) => [`p(${name})`, Array.from(predicted, (_, image) => of(image)[c]!)]),
          ),
        },
        file,
      ),
    );
  const rows = Array.from(predicted, (guess, image) => ({
    image: image + 1,
    predicted: classes[guess]!,
    probability: of(image)[guess]!,
  }));
  const least = rows.toSorted((a, b) => a.probability - b.probability).slice(0, SHOWN);
  return {
    json: {
      file,
      rows: rows.length,
      classes,
      least,
      ...(heldOut === undefined ? {} : { heldOut }),
      ...(out === undefined
        ? { predicted: rows.map((row) => row.predicted), probabilities: rows.map((_, image) => [...of(image)]) }
        : { out }),
    },
    text: () => `${table({
      head: ['image', 'most probable class', 'its probability'],
      rows: least.map(({ image, predicted: name, probability }) => [number(image), name, probability]),
    })}
The ${least.length} least certain of ${number(rows.length)} images. All scores: ${out ?? '--out scores.csv'}`,
  };
};

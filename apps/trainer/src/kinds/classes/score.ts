import { writeTable } from '@impflow/tables';
import type { LoadedRun } from '../../checkpoint/load-run.ts';
import { classHeldOut, classified } from '../../measure/classified.ts';
import { imageEvents } from '../../measure/events.ts';
import { finiteLogits } from '../../measure/finite.ts';
import { modelOutputs } from '../../measure/model-outputs.ts';
import type { ClassifierModel } from '../../model/model.ts';
import { assertNewFile } from '../../run-folder/new-file.ts';
import { number } from '../../terminal/format.ts';
import { table } from '../../terminal/table.ts';
import { modelImages } from '../images/data.ts';
import type { Answer, ScoreOptions } from '../run-commands.ts';
import { classNamesOf } from './labels.ts';

/**
 * Class probabilities of every image. The file has the columns `predicted`, the number of the most probable class, and
 * `p(<class>)`.
 */
export const scoreClasses = async (
  run: LoadedRun<ClassifierModel>,
  file: string,
  options: ScoreOptions,
): Promise<Answer> => {
  if (options.out !== undefined) await assertNewFile(options.out, options.force);
  const { classifier } = run.model;
  const classes = classNamesOf(run);
  const images = await modelImages(file, classifier.shape);
  const found = classified(
    finiteLogits(await modelOutputs(run.model, imageEvents(images)), classes.length),
    classes.length,
  );
  const { probabilities, predicted } = found;
  const of = (image: number): Float64Array =>
    probabilities.subarray(image * classes.length, (image + 1) * classes.length);
  if (options.out !== undefined) {
    const values = Float32Array.from(Array.from(predicted, (guess, image) => [guess, ...of(image)]).flat());
    await writeTable(options.out, {
      columns: ['predicted', ...classes.map((name) => `p(${name})`)],
      rows: images.count,
      values,
    });
  }
  const rows = Array.from(predicted, (guess, image) => ({
    image: image + 1,
    predicted: classes[guess]!,
    probability: of(image)[guess]!,
  }));
  const least = rows.toSorted((a, b) => a.probability - b.probability).slice(0, 10);
  // Labels of a set with other classes would be compared wrongly.
  const known = images.labels !== undefined && images.classes?.join() === classes.join();
  const json = {
    file,
    rows: images.count,
    classes,
    least,
    ...(known ? { heldOut: classHeldOut(found, images.labels!) } : {}),
    ...(options.out === undefined
      ? { predicted: rows.map((row) => row.predicted), probabilities: rows.map((_, image) => [...of(image)]) }
      : { out: options.out }),
  };
  return {
    json,
    text: () => `${table({
      head: ['image', 'most probable class', 'its probability'],
      rows: least.map(({ image, predicted: name, probability }) => [number(image), name, probability]),
    })}
The ${least.length} least certain of ${number(images.count)} images.${options.out === undefined ? ' All of them: --out scores.csv' : ` All of them: ${options.out}`}`,
  };
};

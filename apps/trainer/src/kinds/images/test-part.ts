import { pickImages, type Images } from '@impflow/data';
import type { Settings } from '../../run/settings.ts';

/** The test images of a run: all, or the first `testImages`. */
export const testPart = (images: Images, { testImages = Infinity }: Pick<Settings, 'testImages'>): Images =>
  testImages >= images.count
    ? images
    : pickImages(
        images,
        Uint32Array.from({ length: testImages }, (_, i) => i),
      );

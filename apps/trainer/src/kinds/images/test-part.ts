import { pickImages, type Images } from '@impflow/data';
import type { Settings } from '../../run/settings.ts';

/** The test images that a run is judged on: all, or the first of them. */
export const testPart = (images: Images, { testImages = Infinity }: Pick<Settings, 'testImages'>): Images =>
  testImages >= images.count ? images : pickImages(images, Uint32Array.from({ length: testImages }, (_, i) => i));

// Functions with which tests open and save files on the page, as a visitor does.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright';
import { afterAll } from 'vitest';

export type Content = string | Uint8Array;

/** Presses a button that opens a file chooser, and chooses a file. */
export const give = async (button: Locator, name: string, content: Content): Promise<void> => {
  const [chooser] = await Promise.all([button.page().waitForEvent('filechooser'), button.click()]);
  await chooser.setFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content as Uint8Array) });
};

/** Opens a model file with the page's button. */
export const openModel = (page: Page, name: string, content: Content): Promise<void> =>
  give(page.getByRole('button', { name: 'Open model…' }), name, content);

export interface Saved {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Path of the file on the disk of the test. */
  readonly path: string;
}

type SaveButton = 'Save model' | 'Save samples' | 'Save picture' | 'Save scores' | 'Save filled table';

/** Presses a button of the page, or of a part of the page, that saves a file, and returns the file. */
export const saved = async (page: Page, button: SaveButton, part: Page | Locator = page): Promise<Saved> => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    part.getByRole('button', { name: button, exact: true }).click(),
  ]);
  const path = await download.path();
  return { name: download.suggestedFilename(), bytes: new Uint8Array(readFileSync(path)), path };
};

/**
 * Creates a temporary folder, and returns a function that writes files into it. The folder is deleted after all tests
 * of the test file.
 */
export const folderOfTest = (): { readonly folder: string; write(name: string, content: Content): string } => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-files-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    write: (name, content) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
};

/** Drags files from the disk over the page. The returned functions drop the files, or drag the files off the page. */
export const drag = async (
  page: Page,
  ...paths: readonly string[]
): Promise<{ drop(): Promise<void>; leave(): Promise<void> }> => {
  const browser = await page.context().newCDPSession(page);
  const send = async (type: 'dragEnter' | 'dragOver' | 'drop', at = 300): Promise<void> => {
    await browser.send('Input.dispatchDragEvent', {
      type,
      x: at,
      y: at,
      data: { items: [], files: [...paths], dragOperationsMask: 1 },
    });
  };
  await send('dragEnter');
  await send('dragOver');
  return { drop: () => send('drop'), leave: () => send('dragOver', -10) };
};

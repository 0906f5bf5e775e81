import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { source as axe } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { page as reportPage } from '../../../scripts/report/page.ts';
import { report } from './sample.ts';

/** The browser of the system. */
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
);

describe.skipIf(executablePath === undefined)('GIVEN a browser (Chromium of the system)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  const file = join(folder, 'report.html');
  let browser: Browser;
  beforeAll(async () => {
    writeFileSync(file, reportPage(report));
    // the sandbox of Chromium refuses to run for root
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** The page at that width, and all that it complained of. */
  async function open(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<{ page: Page; said: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) said.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    return { page, said };
  }

  for (const colours of ['light', 'dark'] as const)
    it(`THEN axe finds nothing, AND the console is silent: ${colours}`, async () => {
      const { page, said } = await open(1440, colours);
      expect(said).toEqual([]);
      await page.evaluate(() => {
        for (const each of document.querySelectorAll('details')) each.open = true;
      });

      // as DevTools do: the page's own policy lets no script in
      const found = await page.evaluate<{ id: string; nodes: string[] }[]>(
        `${axe}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })))`,
      );

      expect(found).toEqual([]);
    });

  for (const width of [360, 1440])
    it(`THEN nothing is cut off at ${width} pixels: what is wider scrolls by itself`, async () => {
      const { page } = await open(width);
      await page.evaluate(() => {
        for (const each of document.querySelectorAll('details')) each.open = true;
      });

      const wide = await page.evaluate(() =>
        [...document.querySelectorAll('body *')]
          .filter((each) => each.closest('.scroll') === null && each.closest('.hidden') === null)
          .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
          .map((each) => each.outerHTML.slice(0, 100)),
      );

      expect(wide).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });

  it('THEN markup in the words of programs is shown, and not run', async () => {
    const { page, said } = await open(1440);

    expect(await page.locator('pre', { hasText: 'a chart & a half' }).textContent()).toBe(
      'Error: <script>alert("a chart & a half")</script>',
    );
    expect(await page.locator('script').count()).toBe(2);
    expect(said).toEqual([]);
  });

  it('WHEN a bar is reached by keys, and entered THEN its step unfolds', async () => {
    const { page } = await open(1440);
    const step = page.locator('#step-region-athens-cluster');
    expect(await step.evaluate((each: HTMLDetailsElement) => each.open)).toBe(false);

    await page.locator('a[href="#step-region-athens-cluster"]').focus();
    await page.keyboard.press('Enter');

    await expect.poll(() => step.evaluate((each: HTMLDetailsElement) => each.open)).toBe(true);
  });

  it('WHEN it is printed THEN nothing is folded, AND it is light', async () => {
    const { page } = await open(1440, 'dark');
    const pdf = await page.pdf({ format: 'A4', landscape: true });

    expect(pdf.length).toBeGreaterThan(50_000);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('details:not([open])').count()).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await page.locator('details:not([open])').count()).toBeGreaterThan(5);
  });
});

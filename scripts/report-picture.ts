import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

/**
 * `npm run report:picture -- REPORT.html PICTURE.png`: what a reader sees of a report, for the README: the head of the page and its
 * first failover. It takes the system's Chromium.
 */
const [report, picture] = process.argv.slice(2);
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
);
if (report === undefined || picture === undefined || executablePath === undefined) {
  console.error(
    executablePath === undefined
      ? 'no Chromium in /usr/bin: install one, on Debian by apt-get install chromium'
      : 'usage: npm run report:picture -- REPORT.html PICTURE.png',
  );
  process.exit(2);
}
// Chromium's sandbox refuses to run for root
const browser = await chromium.launch({
  executablePath,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
await page.goto(pathToFileURL(resolve(report)).href);
// the sections between, and what is folded, are for the page itself
await page.addStyleTag({
  content: 'section:not([aria-labelledby=failover]), h3 ~ h3, h3 ~ h3 ~ *, details { display: none !important; }',
});
await page.screenshot({ path: picture, fullPage: true });
await browser.close();
console.log(`wrote ${picture}`);

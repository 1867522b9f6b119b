// A file server and a browser for the tests of the page.
import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const DIST = new URL('../dist/', import.meta.url).pathname;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.txt': 'text/plain' };

const NPM = new URL('../../npm/', import.meta.url).pathname;

/** Serves `dist` below a path, as a plain file server would, and the npm package below `/npm/`. */
export async function serve(below = '/some/path/') {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const [root, path] = pathname.startsWith('/npm/') ? [NPM, pathname.slice(5)] : [DIST, pathname.startsWith(below) ? pathname.slice(below.length) : 'missing'];
    const name = normalize(`/${path || 'index.html'}`);
    try {
      const body = await readFile(join(root, name));
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}${below}`, close: () => server.close() };
}

/** The browser of the system, or the one that `CHROMIUM` names. */
export function browser() {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = known.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('no Chromium found: set CHROMIUM to its path');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** Resolves when the page has shown its first answer. */
export async function ready(page, timeout = 60_000) {
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true', null, { timeout });
}

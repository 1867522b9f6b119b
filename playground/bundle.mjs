// Bundles the page into dist/: the page itself, the worker with the engine's glue, and the notices
// of what is bundled. The WebAssembly module is copied there by `build`.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { notices } from './notices.mjs';

const out = new URL('./dist/', import.meta.url).pathname;
fs.mkdirSync(out, { recursive: true });
for (const file of fs.readdirSync(out)) if (!file.endsWith('.wasm')) fs.rmSync(path.join(out, file), { recursive: true });

const made = await build({
  absWorkingDir: new URL('.', import.meta.url).pathname,
  entryPoints: { boot: 'src/boot.ts', main: 'src/main.ts', worker: process.env.FERULA_WORKER ?? 'src/worker.ts' },
  outdir: out,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  alias: { ferula: '../npm/index.js' },
  external: ['node:*'],
});
// What the first script imports is asked for together with it, not after it.
const needed = made.metafile.outputs['dist/boot.js'].imports.filter(({ kind }) => kind === 'import-statement');
const preloads = needed.map((file) => `<link rel="modulepreload" href="./${path.basename(file.path)}">\n`).join('');
const html = fs.readFileSync(new URL('./src/index.html', import.meta.url), 'utf8');
fs.writeFileSync(out + 'index.html', html.replace('<script', `${preloads}<script`));

fs.writeFileSync(out + 'THIRD-PARTY.txt', notices(Object.keys(made.metafile.inputs)));

let total = 0;
for (const file of fs.readdirSync(out).sort()) {
  const content = fs.readFileSync(path.join(out, file));
  const packed = zlib.brotliCompressSync(content).length;
  if (file !== 'THIRD-PARTY.txt') total += packed;
  console.log(file.padEnd(18), String(content.length).padStart(9), 'bytes', String(packed).padStart(8), 'brotli');
}
console.log('page'.padEnd(18), ''.padStart(15), String(total).padStart(8), 'brotli');

// All of it together may not be more than this; around a module that was made in a hurry it is.
const MOST = 700_000;
if (total > MOST && !process.argv.includes('--page')) {
  console.error(`too large: ${total} bytes brotli, at most ${MOST}`);
  process.exitCode = 1;
}

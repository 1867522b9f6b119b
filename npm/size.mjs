// How large the module is, and whether that is too large.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const module = readFileSync(new URL('./ferula_bg.wasm', import.meta.url));
const glue = readFileSync(new URL('./ferula.js', import.meta.url));
const sizes = { raw: module.length, gzip: gzipSync(module, { level: 9 }).length, brotli: brotliCompressSync(module).length };
console.log(`ferula_bg.wasm: ${sizes.raw} bytes, ${sizes.gzip} gzip, ${sizes.brotli} brotli; glue ${brotliCompressSync(glue).length} brotli`);
for (const [how, most] of Object.entries({ raw: 1_200_000, brotli: 400_000 })) {
  if (sizes[how] <= most) continue;
  console.error(`too large: ${sizes[how]} bytes ${how}, at most ${most}`);
  process.exitCode = 1;
}

// The licences of what is bundled: npm packages by the bundle's inputs, crates by cargo's tree.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const here = (file) => new URL(file, import.meta.url).pathname;

/** Licence files of a folder; of several to choose from, MIT's. */
function texts(folder) {
  const files = fs.readdirSync(folder).filter((file) => /^(licen[cs]e|copying|unlicense)/i.test(file)).sort();
  const chosen = files.filter((file) => /mit/i.test(file));
  return (chosen.length > 0 ? chosen : files.slice(0, 1)).map((file) => fs.readFileSync(path.join(folder, file), 'utf8').trim());
}

/** The packages of which code was bundled. */
function packages(inputs) {
  const names = new Set();
  for (const input of inputs) {
    const found = input.match(/^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (found) names.add(found[1]);
  }
  return [...names].sort().map((name) => {
    const folder = here(`./node_modules/${name}`);
    const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return { name: `${name} ${version} (${license})`, texts: texts(folder) };
  });
}

function cargo(...args) {
  const features = ['--manifest-path', here('../Cargo.toml'), '--no-default-features', '--features', 'wasm'];
  const { status, stdout } = spawnSync('cargo', [...args, ...features], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return status === 0 ? stdout : undefined;
}

/** The crates that are in the module; none where there is no cargo. */
function crates() {
  const triple = 'wasm32-unknown-unknown';
  const tree = cargo('tree', '--target', triple, '-e', 'normal,no-proc-macro', '--prefix', 'none', '--format', '{p}');
  const metadata = cargo('metadata', '--format-version', '1', '--filter-platform', triple);
  if (tree === undefined || metadata === undefined) return [];
  const linked = new Set(tree.split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')));
  return JSON.parse(metadata)
    .packages.filter(({ name, version, source }) => source !== null && linked.has(`${name} v${version}`))
    .map(({ name, version, license, manifest_path }) => ({ name: `${name} ${version} (${license})`, texts: texts(path.dirname(manifest_path)) }));
}

/** All notices as one text; packages with the same licence share it. */
export function notices(inputs) {
  const byText = new Map();
  for (const { name, texts: found } of [...packages(inputs), ...crates()]) {
    const text = found.join('\n\n') || 'The licence is named above; the package has no file of it.';
    byText.set(text, [...(byText.get(text) ?? []), name]);
  }
  return [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(72)}\n\n`);
}

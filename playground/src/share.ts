// The state as a link or a file. A link holds it in the fragment, which no server is sent.

import { differences, restore, type State } from './state.ts';

/** Longer links are refused by too many programs. */
export const LONGEST = 8000;
/** More than this cannot become a link of that length, so it is not tried. */
const HOPELESS = 2_000_000;
/** What a link may unpack to: a few bytes can claim to be gigabytes. */
const LARGEST = 64_000_000;

async function piped(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream, largest = Infinity): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > largest) {
      await reader.cancel();
      throw new Error('too large');
    }
    parts.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes as base64, in pieces: a call takes only so many arguments. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** The fragment of a state without `#`; undefined if it would be too long for a link. */
export async function fragment(state: State): Promise<string | undefined> {
  const json = JSON.stringify(differences(state));
  if (json === '{}') return '';
  if (json.length > HOPELESS) return undefined;
  const packed = await piped(new TextEncoder().encode(json), new CompressionStream('deflate-raw'));
  const text = toBase64(packed).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `s=${text}`;
}

/** The state of a fragment. Throws if it was cut or is none of ours. */
export async function fromFragment(text: string): Promise<State> {
  const found = text.replace(/^#/, '');
  if (found === '') return restore({});
  const packed = new URLSearchParams(found).get('s');
  if (packed === null) throw new Error('no state');
  const bytes = await piped(fromBase64(packed.replaceAll('-', '+').replaceAll('_', '/')), new DecompressionStream('deflate-raw'), LARGEST);
  return restore(JSON.parse(new TextDecoder().decode(bytes)));
}

const MARK = 'ferula-playground';

/** The state as a file, for what is too long for a link. */
export function toFile(state: State): string {
  return JSON.stringify({ [MARK]: 1, ...differences(state) });
}

/** The state of such a file; undefined if it is another file. */
export function fromFile(text: string): State | undefined {
  if (!text.startsWith(`{"${MARK}":`)) return undefined;
  try {
    return restore(JSON.parse(text));
  } catch {
    return undefined;
  }
}

import type { CreateOptions, Engine } from './ferula.d.ts';

type Now<F> = F extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : F;

/** The same engine on this thread: every method answers at once, `signal` is not heeded. */
export type SyncEngine = { [K in Exclude<keyof Engine, 'onRestart'>]: Now<Engine[K]> };

/** Starts an engine on this thread. After a `crash` the thread has none any more: every call is refused. */
export function createSyncEngine(options?: Pick<CreateOptions, 'wasm'>): Promise<SyncEngine>;
export { FerulaError } from './ferula.d.ts';

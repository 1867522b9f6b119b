// A small script of its own: the engine starts while the page's is still on its way. The page waits
// until the engine is at work, since a worker cannot start while the page is being built.
import { begun } from './engine.ts';
import { startTheme } from './theme.ts';

startTheme();
await begun;
await import('./main.ts');

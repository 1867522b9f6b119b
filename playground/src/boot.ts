// A small script of its own, so that the engine starts while the page's is still on its way.
import './engine.ts';

// The engine's worker, bundled so that it is one file beside the WebAssembly module.
import '../../npm/worker.js';

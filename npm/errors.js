/** Why a question has no answer. `kind` and `diagnostics` are described in `ferula.d.ts`. */
export class FerulaError extends Error {
  constructor({ kind, message, diagnostics = [], page }) {
    super(message);
    this.name = 'FerulaError';
    this.kind = kind;
    this.diagnostics = diagnostics;
    if (page !== undefined) this.page = page;
  }
}

/**
 * Loaded before every test file. uvu takes an error's `details` for a text and splits it into lines; ours are data, on which it would fail and
 * lose the error that it meant to print. So data answer `split` here, with their JSON.
 */
Object.defineProperty(Object.prototype, 'split', {
  configurable: true,
  writable: true,
  value(this: unknown, separator: string): string[] {
    return JSON.stringify(this).split(separator);
  },
});

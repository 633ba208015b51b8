import { register } from 'node:module';

/**
 * Loaded before every test file. uvu takes an error's `details` for a text and splits it into lines; ours are data, on which it fails and
 * loses the error that it meant to print. So its source is loaded with one condition made stricter.
 */
const loader = `
  export async function load(url, context, next) {
    const module = await next(url, context);
    if (!url.endsWith('/uvu/dist/index.mjs')) return module;
    return { ...module, source: String(module.source).replace('if (details)', "if (typeof details === 'string')") };
  }
`;
register(`data:text/javascript,${encodeURIComponent(loader)}`);

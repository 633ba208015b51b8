/**
 * Names of layers. tfjs takes letters, digits and `-_./`, begins with a letter or digit, and keeps layers in plain objects, so names that
 * objects have already confuse it. What does not fit is written as `./HEX/`, its UTF-16 code unit; `id//` stands before what would begin
 * otherwise. Names of helper layers hold a `/` that no id is written with: see toHelperName.
 */

/** The layer that takes the images. */
export const imagesName = 'images';

const unfit = /[^-A-Za-z0-9_.]/g;
const escapeUnit = (character: string): string => `./${character.charCodeAt(0).toString(16)}/`;
const prefix = 'id//';

/** The layer's name for a node's id. */
export function toLayerName(id: string): string {
  const taken = id === imagesName || id in {};
  const name = taken ? escapeUnit(id) + id.slice(1) : id.replaceAll(unfit, escapeUnit);
  return /^[A-Za-z0-9]/.test(name) ? name : prefix + name;
}

/** The id that `toLayerName` wrote, or the name itself where it was another's. */
export function toNodeId(name: string): string {
  const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const id = bare.replaceAll(/\.\/([0-9a-f]{1,4})\//g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return toLayerName(id) === name ? id : name;
}

/** The name of a layer that only helps the named one: `conv1/pad`, `conv1/group0`, `conv1/group0/input`. */
export function toHelperName(name: string, ...parts: readonly string[]): string {
  return [name, ...parts].join('/');
}

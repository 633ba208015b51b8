const longest = 80;

/** A name of a file in quotes, as a sentence can bear it: no control characters, not too long. */
export function quote(name = ''): string {
  return JSON.stringify(name.length > longest ? `${name.slice(0, longest)}…` : name);
}

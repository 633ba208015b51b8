/** The candidate that takes the fewest edits to reach, with the closest number among equals; undefined where all are far off. */
export function findClosest(text: string, candidates: readonly string[]): string | undefined {
  const number = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: countEdits(text, candidate), gap: Math.abs(number(text) - number(candidate)) }))
    .sort((a, b) => a.edits - b.edits || a.gap - b.gap);
  const best = ranked[0];
  return best && best.edits <= text.length / 2 ? best.candidate : undefined;
}

/** Insertions, deletions and replacements that turn one text into the other (Levenshtein). */
export function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at++) {
      const replace = (row[at - 1] ?? 0) + (to[at - 1] === letter ? 0 : 1);
      next.push(Math.min(replace, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

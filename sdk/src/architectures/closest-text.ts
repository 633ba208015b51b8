/**
 * The candidate that takes the fewest edits to reach, with the closest number among equals; undefined where all are far off.
 * Leaving out a dashed end, such as the `-bn` of `vgg16-bn`, is one edit.
 */
export function findClosest(text: string, candidates: readonly string[]): string | undefined {
  const parts = text.split('-');
  const heads = parts.map((_, dropped) => ({ head: parts.slice(0, parts.length - dropped).join('-'), dropped }));
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      edits: Math.min(...heads.map(({ head, dropped }) => countEdits(head, candidate) + dropped)),
      gap: Math.abs(numberIn(text) - numberIn(candidate)),
    }))
    .sort((a, b) => a.edits - b.edits || a.gap - b.gap);
  const best = ranked[0];
  return best && best.edits < text.length / 2 ? best.candidate : undefined;
}

function numberIn(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
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

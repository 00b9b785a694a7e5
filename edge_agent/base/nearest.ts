/**
 * What somebody probably meant: the one name of a list that a misspelt word is closest to. Pure. Must
 * not know what the names are of.
 */

/** Letters that may be wrong: one in three, so that a short word is not taken for any other. */
const LETTERS_PER_MISTAKE = 3;

/** The nearest of `names`, null when none is near enough or the word itself is among them. */
export function nearest(word: string, names: Iterable<string>): string | null {
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / LETTERS_PER_MISTAKE)) + 1;
  for (const name of names) {
    if (name === word) return null;
    const away = distance(wanted, name.toLowerCase());
    if (away < least) [best, least] = [name, away];
  }
  return best;
}

/** `; did you mean NAME?`, or nothing. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const name = nearest(word, names);
  return name === null ? "" : `; did you mean ${name}?`;
}

/** Letters added, left out, changed, or two neighbours swapped (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(changed, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (i > 1 && j > 1 && swapped) row[j] = Math.min(row[j] ?? 0, (before[j - 2] ?? 0) + 1);
    }
    [before, above] = [above, row];
  }
  return above[b.length] ?? 0;
}

/** The name that somebody meant, by edit distance. */

/** Letters to insert, delete, replace or swap with their neighbour to turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : Infinity
      row.push(Math.min(replaced, swapped, rows[i - 1]![j]! + 1, row[j - 1]! + 1))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

/** Edits per letter, 0 to 1, less for a common beginning: who mistypes a word mostly begins it rightly. */
function dissimilarity(a: string, b: string): number {
  const [x, y] = [a, b].map((word) => word.toLowerCase().replaceAll(/[-_]/g, '')) as [string, string]
  let shared = 0
  while (shared < 4 && shared < Math.min(x.length, y.length) && x[shared] === y[shared]) shared++
  return (editDistance(x, y) / Math.max(x.length, y.length, 1)) * (1 - 0.1 * shared)
}

const levelMissing = 0.2
const levelTooMuch = 0.4

/** The same for dotted paths, level by level; a level left out costs less than a wrong one. */
function pathDissimilarity(a: readonly string[], b: readonly string[]): number {
  const [a0, ...restA] = a
  const [b0, ...restB] = b
  if (a0 === undefined) return b.length * levelMissing
  if (b0 === undefined) return a.length * levelTooMuch
  return Math.min(
    dissimilarity(a0, b0) + pathDissimilarity(restA, restB),
    levelMissing + pathDissimilarity(a, restB),
    levelTooMuch + pathDissimilarity(restA, b),
  )
}

/** The candidate closest to `name`, the first of equals; undefined where none is close. Dots separate levels. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = 0.6
  for (const candidate of candidates) {
    const cost = pathDissimilarity(name.split('.'), candidate.split('.'))
    if (cost < least - 1e-9) [best, least] = [candidate, cost]
  }
  return best
}

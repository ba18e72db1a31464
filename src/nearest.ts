import { distance } from "fastest-levenshtein";

/** The candidate that differs least from `word`. There must be one. */
export function nearest(word: string, candidates: readonly string[]): string {
  const far = (candidate: string) => distance(word, candidate);
  return candidates.reduce((best, candidate) => (far(candidate) < far(best) ? candidate : best));
}

/** Whether `word` is probably a misspelt `candidate`. */
export function isNear(word: string, candidate: string): boolean {
  return distance(word, candidate) <= Math.max(2, candidate.length / 2);
}

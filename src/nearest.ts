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

/** `, did you mean X?` for the nearest candidate, if one is near; else nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const best = nearest(word, candidates);
  return isNear(word, best) ? `, did you mean ${best}?` : "";
}

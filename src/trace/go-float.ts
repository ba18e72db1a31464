import { Bad, type Parser } from "../env.ts";

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i;
const INFINITY = /^([+-]?)inf(inity)?$/i;

/** A float as Go's strconv.ParseFloat reads it: decimal, hexadecimal with `p`, `inf`, `nan`; too large is an error. */
export const goFloat: Parser<number> = (text) => {
  const infinity = INFINITY.exec(text);
  if (infinity) return infinity[1] === "-" ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = DECIMAL.test(text) ? Number(text) : hexadecimal(text);
  return Number.isFinite(value) ? value : new Bad("a number");
};

function hexadecimal(text: string): number {
  const match = HEXADECIMAL.exec(text);
  if (!match) return Number.NaN;
  const [, sign, whole, fraction, exponent] = match;
  const mantissa = Number(`0x${whole}${fraction}`);
  const value = mantissa * 2 ** (Number(exponent) - 4 * fraction!.length);
  return sign === "-" ? -value : value;
}

/** A longer column with the same beginning; the rest is zero. */
export function grown(column: Float64Array, length: number): Float64Array<ArrayBuffer>;
export function grown(column: Int32Array, length: number): Int32Array<ArrayBuffer>;
export function grown(column: Float64Array | Int32Array, length: number) {
  const longer = column instanceof Int32Array ? new Int32Array(length) : new Float64Array(length);
  longer.set(column);
  return longer;
}

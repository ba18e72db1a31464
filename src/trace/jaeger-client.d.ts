/** jaeger-client has no types for its inner modules. Only what we use (3.19.0, src/rate_limiter.js). */
declare module "jaeger-client/dist/src/rate_limiter.js" {
  export default class RateLimiter {
    constructor(creditsPerSecond: number, maxBalance: number, initBalance: number);
    protected _creditsPerSecond: number;
    protected _balance: number;
    protected _maxBalance: number;
    /** Takes the cost out of the bucket, or says false. */
    checkCredit(itemCost: number): boolean;
    /** Changes rate and size; the balance changes in proportion to the size. */
    update(creditsPerSecond: number, maxBalance: number): void;
    /** Called before each question: earns what the time since the last one was worth. */
    protected _updateBalance(): void;
  }
}

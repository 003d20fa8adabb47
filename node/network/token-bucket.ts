/** A budget that refills steadily: `burst` at most, `perSecond` on average. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #atMs: number

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#atMs = nowMs
  }

  #refill(nowMs: number): void {
    const gained = (Math.max(0, nowMs - this.#atMs) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#burst, this.#tokens + gained)
    this.#atMs = nowMs
  }

  /** Milliseconds until `cost` is there; a cost above the burst needs a full bucket. */
  waitMs(cost: number, nowMs: number): number {
    this.#refill(nowMs)
    const missing = Math.min(cost, this.#burst) - this.#tokens
    return missing <= 0 ? 0 : Math.ceil((missing / this.#perSecond) * 1000)
  }

  /** Takes `cost`, into debt if the caller did not wait. */
  take(cost: number, nowMs: number): void {
    this.#refill(nowMs)
    this.#tokens -= cost
  }
}

/** Time that this process has taken, by the clock and of the processors. */
export class CostClock {
  #isBegun = false
  #startMs = performance.now()
  #before = process.cpuUsage()

  /** Counts from here on. Only the first time does. */
  begin(): void {
    if (this.#isBegun) return
    this.#isBegun = true
    this.#startMs = performance.now()
    this.#before = process.cpuUsage()
  }

  /** User and system time are of all threads. */
  cost(): { seconds: number; cpuSeconds: number } {
    const { user, system } = process.cpuUsage(this.#before)
    return { seconds: (performance.now() - this.#startMs) / 1000, cpuSeconds: (user + system) / 1e6 }
  }
}

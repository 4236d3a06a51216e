/** Kafka's `buffer.memory`: counts the bytes of batches from the moment they are opened until they are settled. */
export class BufferMemory {
  readonly sizeBytes: number
  #usedBytes = 0

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get availableBytes(): number {
    return this.sizeBytes - this.#usedBytes
  }

  /** Takes `bytes`, unless there are fewer. */
  tryTake(bytes: number): boolean {
    if (bytes > this.availableBytes) return false
    this.#usedBytes += bytes
    return true
  }

  /** Gives back what was taken. */
  giveBack(bytes: number): void {
    this.#usedBytes -= bytes
  }
}

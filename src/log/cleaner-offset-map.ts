import crypto from 'node:crypto'
import { assert } from '../base/assert.ts'

/** Sixteen bytes for the key and eight for the offset. */
const slotBytes = 24
/** Fuller than this, and finding a free slot takes long. */
const loadFactor = 0.75
const digestBytes = 16
/** Keys up to this length are their own digest; the last byte tells their length. */
const plainKeyBytesMax = digestBytes - 1
/** The last byte of the digest of a longer key: no length of a short one. */
const hashedMark = 0xff

/**
 * The last offset of each key in a stretch of a log, in a fixed amount of memory (Kafka's OffsetMap).
 *
 * A key stands in it by 16 bytes. Up to 15 bytes are kept as they are, so that short keys can never be mistaken for
 * one another; of longer ones 120 bits of their SHA-256, for which nobody can make two alike. Linear probing from a
 * place that depends on a secret seed, so that nobody can make keys that crowd.
 */
export class CleanerOffsetMap {
  readonly #slots: number
  readonly #seed: number
  /** Four words per slot. */
  readonly #digests: Int32Array
  /** The offset and one; 0 for a free slot. */
  readonly #offsets: Float64Array
  readonly #capacity: number
  readonly #digest = Buffer.alloc(digestBytes)
  readonly #words = new Int32Array(this.#digest.buffer, this.#digest.byteOffset, digestBytes / 4)
  #size = 0

  /**
   * @param bufferBytes memory it may take (`log.cleaner.dedupe.buffer.size`)
   * @param keyCountMax as many keys as there can be: a map for few takes less
   * @param seed any 32 bits that those who choose keys do not know
   */
  constructor(bufferBytes: number, keyCountMax: number, seed: number) {
    const wanted = Math.ceil(keyCountMax / loadFactor) + 1
    this.#slots = Math.max(2, Math.min(Math.floor(bufferBytes / slotBytes), wanted))
    this.#capacity = Math.max(1, Math.floor(this.#slots * loadFactor))
    this.#digests = new Int32Array(this.#slots * 4)
    this.#offsets = new Float64Array(this.#slots)
    this.#seed = seed
  }

  /** How many keys it holds. */
  get size(): number {
    return this.#size
  }

  /** How many it can hold. */
  get capacity(): number {
    return this.#capacity
  }

  /** Memory it takes, in bytes. */
  get sizeBytes(): number {
    return this.#slots * slotBytes
  }

  /**
   * Notes the offset of the key that stands in `bytes` from `start` to `end`, in place of an earlier one. False when
   * there is no room for another key.
   */
  put(offset: number, bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    const slot = this.#find(bytes, start, end)
    if (this.#offsets[slot] === 0) {
      if (this.#size === this.#capacity) return false
      // One by one: a call of `set` for four words costs more than all the rest.
      for (let index = 0; index < 4; index++) this.#digests[slot * 4 + index] = this.#words[index] as number
      this.#size++
    }
    this.#offsets[slot] = offset + 1
    return true
  }

  /** The last offset of a key; -1 when it is not here. */
  get(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    return (this.#offsets[this.#find(bytes, start, end)] ?? 0) - 1
  }

  /** The slot of the key, or the free one where it belongs. Leaves the key's digest in {@link #words}. */
  #find(bytes: Uint8Array, start: number, end: number): number {
    this.#setDigest(bytes, start, end - start)
    const digests = this.#digests
    const offsets = this.#offsets
    const words = this.#words
    const first = words[0]
    const second = words[1]
    const third = words[2]
    const fourth = words[3]
    let slot = this.#home()
    for (let probes = 0; probes < this.#slots; probes++) {
      if (offsets[slot] === 0) return slot
      const at = slot * 4
      const isHere =
        digests[at] === first &&
        digests[at + 1] === second &&
        digests[at + 2] === third &&
        digests[at + 3] === fourth
      if (isHere) return slot
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    }
    assert(false, 'a map that is never full has a free slot')
  }

  #setDigest(bytes: Uint8Array, start: number, length: number): void {
    const digest = this.#digest
    if (length > plainKeyBytesMax) {
      digest.set(sha256(bytes.subarray(start, start + length)).subarray(0, digestBytes))
      digest[plainKeyBytesMax] = hashedMark
      return
    }
    for (let index = 0; index < length; index++) digest[index] = bytes[start + index] as number
    for (let index = length; index < plainKeyBytesMax; index++) digest[index] = 0
    digest[plainKeyBytesMax] = length
  }

  /** Mixes the words of the digest as the finalizer of MurmurHash3 does its one. */
  #home(): number {
    let hash = this.#seed
    for (let index = 0; index < 4; index++) {
      hash = Math.imul(hash ^ (this.#words[index] as number), 0x85eb_ca6b)
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
      hash ^= hash >>> 16
    }
    return (hash >>> 0) % this.#slots
  }
}

/** Costs a fraction of the other form; Node 20 has it since 20.12. */
const hashAtOnce: typeof crypto.hash | undefined = crypto.hash

function sha256(key: Uint8Array): Buffer {
  if (hashAtOnce !== undefined) return hashAtOnce('sha256', key, 'buffer')
  return crypto.createHash('sha256').update(key).digest()
}

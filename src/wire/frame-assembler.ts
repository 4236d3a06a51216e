import { assert } from '../base/assert.ts'
import type { FrameMemory } from './frame-memory.ts'

/** Which frames are taken, and where their bytes may go. */
export interface FrameRoom {
  /** Throws for a size that is not acceptable. It may be any int32, for the peer may speak something else; no frame is empty. */
  accept(sizeBytes: number): void
  /**
   * Sets `bytes` aside for a frame of which `restBytes` (these included) are still to be set aside. False when there
   * is no room; the call then has to be made again later, for as many bytes or, if more have come, for more.
   */
  take(bytes: number, restBytes: number): boolean
}

const sizePrefixBytes = 4
/** What a frame gets however little of it has arrived. */
const firstRoomBytes = 4 * 1024
/**
 * A frame gets all its room once this part of it has arrived, and twice what has arrived before that: a size that is
 * only announced costs nothing. A first chunk of 64 KiB makes room for 2 MiB, so that a producer's largest request by
 * default is copied once; of larger frames less than a tenth is copied again.
 */
const provenPart = 1 / 32

const nothing = Buffer.alloc(0)

/**
 * Cuts a stream of bytes into frames: Kafka's `Size => INT32`, then as many bytes. Chunks come in by {@link push};
 * {@link next} hands out a frame at a time, and may leave the rest of the chunk for later.
 *
 * A frame is one Buffer of its exact size, and memory of its own: a chunk may be overwritten once it is drained,
 * or {@link keepRest} has copied what is left of it.
 */
export class FrameAssembler {
  readonly #room: FrameRoom
  readonly #memory: FrameMemory | undefined
  #chunk: Buffer = nothing
  #position = 0
  /** The bytes of a size that came in pieces, and how many there are. */
  #prefix = 0
  #prefixBytes = 0
  /** Announced size of the frame that has begun; 0 between frames. */
  #size = 0
  #frame: Buffer = nothing
  #filledBytes = 0
  #beganCount = 0
  #copiedBytes = 0

  /** `memory` is where frames are put; whoever is done with one may give it back there. Default: fresh memory for each. */
  constructor(room: FrameRoom, memory?: FrameMemory) {
    this.#room = room
    this.#memory = memory
  }

  /** Whether all that was pushed has been taken up. */
  get isDrained(): boolean {
    return this.#position === this.#chunk.length
  }

  /** Whether a frame has begun and is not complete. */
  get isMidFrame(): boolean {
    return this.#size !== 0 || this.#prefixBytes !== 0
  }

  /** How many frames have begun: tells one half frame from the next. */
  get beganCount(): number {
    return this.#beganCount
  }

  /** Bytes copied so far, for tests and measurements. */
  get copiedBytes(): number {
    return this.#copiedBytes
  }

  /** Bytes that were pushed and are not taken up. */
  get restBytes(): number {
    return this.#chunk.length - this.#position
  }

  /** Takes the next bytes of the stream; they are joined to what is left of those before. */
  push(chunk: Buffer): void {
    this.#hold(this.isDrained ? chunk : Buffer.concat([this.#rest, chunk]))
  }

  /** Copies what is not drained of the chunk: its memory may then be overwritten. */
  keepRest(): void {
    if (!this.isDrained) this.#hold(Buffer.from(this.#rest))
  }

  get #rest(): Buffer {
    return this.#chunk.subarray(this.#position)
  }

  #hold(chunk: Buffer): void {
    this.#chunk = chunk
    this.#position = 0
  }

  /**
   * The next frame without its size; `undefined` when it is not all there yet, or there is no room for it. Throws
   * what {@link FrameRoom.accept} does, before anything is allocated; nothing that follows can be told apart then.
   */
  next(): Buffer | undefined {
    const frame = this.#size !== 0 || this.#begin() ? this.#assemble() : undefined
    // What is taken up is let go: it would otherwise stay in memory until the client sends more.
    if (this.isDrained) this.#hold(nothing)
    return frame
  }

  /** Reads the size in front of a frame; false when it is not all there. */
  #begin(): boolean {
    if (this.isDrained) return false
    if (this.#prefixBytes === 0) this.#beganCount++
    for (; this.#prefixBytes < sizePrefixBytes; this.#prefixBytes++, this.#position++) {
      const byte = this.#chunk[this.#position]
      if (byte === undefined) return false
      this.#prefix = (this.#prefix << 8) | byte
    }
    this.#room.accept(this.#prefix)
    assert(this.#prefix > 0, 'only frames that have a size are accepted')
    this.#size = this.#prefix
    this.#prefix = this.#prefixBytes = 0
    return true
  }

  #assemble(): Buffer | undefined {
    const frame = this.#fill()
    if (frame === undefined) return undefined
    this.#size = this.#filledBytes = 0
    this.#frame = nothing
    return frame
  }

  #fill(): Buffer | undefined {
    while (!this.isDrained) {
      if (this.#filledBytes === this.#frame.length && !this.#grow()) return undefined
      const copied = this.#chunk.copy(this.#frame, this.#filledBytes, this.#position)
      this.#position += copied
      this.#filledBytes += copied
      this.#copiedBytes += copied
      if (this.#filledBytes === this.#size) return this.#frame
    }
    return undefined
  }

  #grow(): boolean {
    const arrivedBytes = this.#filledBytes + this.#chunk.length - this.#position
    const isProven = arrivedBytes >= this.#size * provenPart
    const provenBytes = isProven ? this.#size : Math.max(firstRoomBytes, arrivedBytes * 2)
    const grownBytes = Math.min(this.#size, provenBytes)
    if (!this.#room.take(grownBytes - this.#frame.length, this.#size - this.#frame.length)) return false
    const grown = this.#memory?.take(grownBytes) ?? Buffer.allocUnsafe(grownBytes)
    this.#copiedBytes += this.#frame.copy(grown)
    this.#memory?.giveBack(this.#frame)
    this.#frame = grown
    return true
  }
}

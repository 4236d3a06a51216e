import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** Reads and writes one type in one version. */
export interface Codec {
  /** Bytes that the smallest value takes. */
  readonly minBytes: number
  /**
   * Bytes of the heap that each value takes besides its slot, as far as the type says. Whoever has the slot counts them; what
   * depends on the bytes, `read` does.
   */
  readonly heapBytes: number
  /** @throws WireFault when the bytes are no such value */
  read(reader: Reader): unknown
  /** @throws WireFault when the value has no form in this version */
  write(writer: Writer, value: unknown): void
}

/** Which version of the message a codec is for. */
export interface Edition {
  readonly version: number
  /** Compact lengths and tagged fields (KIP-482). */
  readonly isFlexible: boolean
}

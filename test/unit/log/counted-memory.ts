import type { ReadMemory } from '../../../src/log/log-reader.ts'

/** Memory that counts what is out. What is given back is spoilt, so that whoever looks at it still is seen. */
export class CountedMemory implements ReadMemory {
  readonly out = new Set<ArrayBufferLike>()

  take(bytes: number): Buffer {
    const buffer = Buffer.allocUnsafeSlow(bytes)
    this.out.add(buffer.buffer)
    return buffer
  }

  giveBack(buffer: Buffer): void {
    if (!this.out.delete(buffer.buffer)) throw new Error('given back twice, or never taken')
    Buffer.from(buffer.buffer).fill(0xdb)
  }
}

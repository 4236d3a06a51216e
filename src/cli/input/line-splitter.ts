import { InputError } from '../failure.ts'

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Cuts a stream of bytes into lines, which may be spread over any number of chunks. A line ends with LF or CRLF; the
 * last one may have no end. Lines are slices of the chunks where they can be.
 */
export class LineSplitter {
  readonly #maxLineBytes: number
  readonly #advice: string
  /** The beginning of a line whose end has not come yet. */
  #pieces: Buffer[] = []
  #pieceBytes = 0
  #lineNumber = 0

  /**
   * @param maxLineBytes what is longer is refused before it fills the memory
   * @param advice for whoever is refused
   */
  constructor(maxLineBytes: number, advice: string) {
    this.#maxLineBytes = maxLineBytes
    this.#advice = advice
  }

  /** Number of the line handed out last, from 1. */
  get lineNumber(): number {
    return this.#lineNumber
  }

  /** @throws InputError for a line that is too long */
  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield this.#complete(chunk.subarray(start, end))
      start = end + 1
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
  }

  /** The last line, when it had no end. */
  *end(): Generator<Buffer> {
    if (this.#pieces.length > 0) yield this.#complete(Buffer.alloc(0))
  }

  #complete(rest: Buffer): Buffer {
    const line = this.#pieces.length === 0 ? rest : this.#join(rest)
    this.#lineNumber++
    this.#checkLength(line.length, this.#lineNumber)
    return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
  }

  #join(rest: Buffer): Buffer {
    const line = Buffer.concat([...this.#pieces, rest])
    this.#pieces = []
    this.#pieceBytes = 0
    return line
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#pieceBytes += piece.length
    this.#checkLength(this.#pieceBytes, this.#lineNumber + 1)
  }

  #checkLength(bytes: number, lineNumber: number): void {
    if (bytes <= this.#maxLineBytes) return
    throw new InputError(
      `line ${lineNumber} is longer than the ${this.#maxLineBytes} bytes that a batch may take: ${this.#advice}`,
    )
  }
}

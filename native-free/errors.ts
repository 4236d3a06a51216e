/** The input is not what its format promises: truncated, damaged, or of another format. `cause` is the decoder's own error, where it had one. */
export class MalformedInputError extends Error {
  override readonly name = 'MalformedInputError'
}

/** The output would exceed the size that the caller allows. Nothing of that size was allocated. */
export class OutputLimitError extends Error {
  override readonly name = 'OutputLimitError'
  readonly maxBytes: number

  /** @param detail what is known of the real size, for instance `declares 5000 bytes` */
  constructor(format: string, maxBytes: number, detail = 'expands further') {
    super(`${format} data ${detail}, more than the ${maxBytes} bytes allowed`)
    this.maxBytes = maxBytes
  }
}

/** The implementation cannot run here. The message names the ways out. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}

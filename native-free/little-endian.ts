/** The byte at `position`, which the caller knows to be inside. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no bounds check in the innermost loops
export const byteAt = (bytes: Uint8Array, position: number): number => bytes[position] as number

/** The four bytes from `position` on as a signed 32-bit word, the lowest first. */
export const wordAt = (bytes: Uint8Array, position: number): number =>
  byteAt(bytes, position) |
  (byteAt(bytes, position + 1) << 8) |
  (byteAt(bytes, position + 2) << 16) |
  (byteAt(bytes, position + 3) << 24)

const sizePrefixBytes = 4

/**
 * Up to here a response is copied into one Buffer: handing the system another piece costs more than copying a few
 * hundred bytes. Larger ones go out as they are.
 */
const joinedBytesMax = 2048

/** The pieces of a response of `bytes` in all, behind Kafka's `Size => INT32`. */
export function responseFrame(pieces: readonly Buffer[], bytes: number): Buffer[] {
  if (bytes <= joinedBytesMax) return [joined(pieces, bytes)]
  const prefix = Buffer.allocUnsafe(sizePrefixBytes)
  prefix.writeInt32BE(bytes)
  return [prefix, ...pieces]
}

function joined(pieces: readonly Buffer[], bytes: number): Buffer {
  const frame = Buffer.allocUnsafe(sizePrefixBytes + bytes)
  let position = frame.writeInt32BE(bytes)
  for (const piece of pieces) position += piece.copy(frame, position)
  return frame
}

import { ConnectionEnd } from './close-reason.ts'

/** Throws {@link ConnectionEnd} (`frame-size`) for a request of a size that is not acceptable. */
export function acceptRequestSize(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes > 0 && sizeBytes <= maxBytes) return
  const rule =
    sizeBytes > 0
      ? `more than socket.request.max.bytes = ${maxBytes}`
      : 'which no request has: is this Kafka?'
  throw new ConnectionEnd('frame-size', `a request of ${sizeBytes} bytes was announced, ${rule}`)
}

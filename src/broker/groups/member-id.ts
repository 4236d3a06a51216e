/**
 * The id that Kafka's coordinator gives to a member: its instance id, or else its client id, so that people can tell
 * members apart, and a random UUID made of 16 `randomBytes`.
 */
export function memberIdOf(clientId: string, groupInstanceId: string | null, randomBytes: Buffer): string {
  const bytes = Buffer.from(randomBytes)
  // RFC 9562: version 4, and the variant.
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  )
  return `${groupInstanceId ?? clientId}-${uuid}`
}

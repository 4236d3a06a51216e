import { WireError } from '../../../base/errors.ts'
import { array, int32, string } from '../../../wire/field.ts'
import { type Decoded, data } from '../../../wire/message.ts'

/**
 * What Kafka's `sticky` assignor tells the leader: what the member had, and since version 1 (KIP-341) in which
 * generation. No version stands in front of it.
 */
const stickyUserData = data('StickyAssignorUserData', '0-1', {
  previousAssignment: array({ topic: string(), partitions: array(int32()) }),
  generation: int32().since(1).ignorable().default(-1),
})

/** The generation alone, which Kafka's `cooperative-sticky` tells: the partitions are in the subscription itself. */
const cooperativeUserData = data('CooperativeStickyAssignorUserData', '0', { generation: int32() })

const latestVersion = 1

/** What a member had, and when. */
export type StickyUserData = Decoded<typeof stickyUserData>

/** As version 1. */
export function encodeStickyUserData(value: StickyUserData): Buffer {
  return stickyUserData.at(latestVersion).encode(value)
}

/** Undefined for nothing, and for what cannot be read: then the member starts afresh. */
export function decodeStickyUserData(userData: Buffer | null): StickyUserData | undefined {
  if (userData === null) return undefined
  return (
    readable(() => stickyUserData.at(latestVersion).decode(userData)) ??
    readable(() => stickyUserData.at(0).decode(userData))
  )
}

export function encodeCooperativeUserData(generation: number): Buffer {
  return cooperativeUserData.at(0).encode({ generation })
}

/** The generation; -1 when there is none to be read. */
export function decodeCooperativeUserData(userData: Buffer | null): number {
  if (userData === null) return -1
  return readable(() => cooperativeUserData.at(0).decode(userData))?.generation ?? -1
}

function readable<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

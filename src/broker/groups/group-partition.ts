/**
 * The partition of `__consumer_offsets` that a group belongs to: the hash that Java's `String.hashCode` gives the
 * group's id, without its sign, modulo `partitionCount`. Every client's coordinator is found by it.
 */
export function groupPartition(groupId: string, partitionCount: number): number {
  let hash = 0
  // UTF-16 code units, as in Java.
  for (let index = 0; index < groupId.length; index++)
    hash = (Math.imul(hash, 31) + groupId.charCodeAt(index)) | 0
  return (hash & 0x7fffffff) % partitionCount
}

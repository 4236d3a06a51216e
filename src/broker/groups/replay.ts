import type { LoggedMarker, LoggedRecord } from './coordinator-log.ts'
import type { GroupTable } from './group-entry.ts'
import { parseGroup, parseOffset, recordSubject } from './group-records.ts'

/** Builds the groups of a partition anew from its records, given in the order of the log. */
export class Replay {
  readonly #table: GroupTable
  /** The last record of each group: those before it need not even be decoded. */
  readonly #groupValues = new Map<string, Buffer>()

  constructor(table: GroupTable) {
    this.#table = table
  }

  /** @throws WireError if a record of a kind that is known is malformed */
  apply(logged: LoggedRecord | LoggedMarker): void {
    if (!('key' in logged)) {
      this.#table.endTransaction(logged.producerId, logged.isCommitted)
      return
    }
    const subject = recordSubject(logged.key)
    if (subject?.kind === 'group') this.#applyGroup(subject.groupId, logged.value)
    else if (subject !== undefined) {
      const { groupId, topic, partition } = subject
      this.#applyOffset(groupId, topic, partition, logged)
    }
  }

  /** To be called after the last record. */
  finish(): void {
    for (const [groupId, value] of this.#groupValues)
      this.#table.getOrCreate(groupId).group.restore(parseGroup(value))
  }

  #applyGroup(groupId: string, value: Buffer | null): void {
    // The bytes are kept, the batch of which they are slices is not.
    if (value !== null) this.#groupValues.set(groupId, Buffer.from(value))
    else {
      this.#groupValues.delete(groupId)
      // The tombstones of its offsets came before.
      if (this.#table.get(groupId)?.offsets.isEmpty) this.#table.delete(groupId)
    }
  }

  #applyOffset(groupId: string, topic: string, partition: number, logged: LoggedRecord): void {
    if (logged.value === null) this.#table.get(groupId)?.offsets.delete(topic, partition)
    else this.#table.commit(groupId, topic, partition, parseOffset(logged.value), logged.producerId)
  }
}

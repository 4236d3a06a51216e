import type { MirrorEnd, MirrorProducer } from '../../../../src/client/mirror/mirror-end.ts'

/** When a mirror dies, and what becomes of the record at which it does. */
export interface Death {
  /** Records, notes included, that get through before. */
  readonly afterCount: number
  /** Whether the last record still gets through, unacknowledged. */
  readonly isLastWritten: boolean
}

/**
 * The target of a mirror whose process is killed: from some record on nothing that it sends gets there, and what was sent
 * just before is acknowledged to nobody.
 */
export function dyingCluster(target: MirrorEnd, { afterCount, isLastWritten }: Death): MirrorEnd {
  let count = 0
  let die: (reason: Error) => void = () => {}
  const died = new Promise<never>((_, reject) => {
    die = reject
  })
  died.catch(() => undefined)
  const isDead = (): boolean => count > afterCount
  return {
    consumer: (options) => target.consumer(options),
    admin: () => target.admin(),
    producer(options): MirrorProducer {
      const producer = target.producer(options)
      return {
        async send(record) {
          count++
          const isWritten = !isDead() || (isLastWritten && count === afterCount + 1)
          const sent = isWritten ? producer.send(record) : died
          if (isDead()) die(new Error('killed'))
          return await Promise.race([died, sent])
        },
        close: (closing) => producer.close(closing),
      }
    },
  }
}

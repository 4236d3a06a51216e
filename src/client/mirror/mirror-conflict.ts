import { TidemarkError } from '../../base/errors.ts'

/**
 * What is in the target, or in the source, is not what the mirror's progress says: others have written to the target, or one of the two
 * has lost records. Nothing more was copied to that partition.
 */
export class MirrorConflictError extends TidemarkError {
  readonly code = 'ERR_OFFSET_MISMATCH'
  readonly topic: string
  readonly partition: number

  constructor({ topic, partition }: { readonly topic: string; readonly partition: number }, reason: string) {
    super(`${topic}-${partition}: ${reason}`)
    this.topic = topic
    this.partition = partition
  }
}

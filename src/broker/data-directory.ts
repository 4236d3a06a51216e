import { join } from 'node:path'
import { CorruptionError, StorageError } from '../base/errors.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import type { Env, Lock } from '../env/env.ts'
import { decodeOffsetCheckpoints, encodeOffsetCheckpoints } from '../log/checkpoint-file.ts'
import {
  cleanerOffsetCheckpointFile,
  cleanShutdownFile,
  lockFile,
  logStartOffsetCheckpointFile,
  parseTopicPartition,
  recoveryPointCheckpointFile,
  replicationOffsetCheckpointFile,
  type TopicPartition,
  topicPartitionDirectory,
} from '../log/file-names.ts'
import { makeDirectoryDurably } from '../log/make-directory.ts'
import { readWhole, replaceFile } from '../log/replace-file.ts'
import type { StartOffsetStore } from '../log/start-offset-file.ts'
import { SpaceReserve } from '../log/space-reserve.ts'
import { operatingError, storageError } from '../log/storage-error.ts'
import { type DirectoryIdentity, loadIdentity } from './meta-properties.ts'

/** The checkpoints of a log directory: an offset for each partition, all in one file. */
export const checkpointKinds = {
  recoveryPoint: recoveryPointCheckpointFile,
  highWatermark: replicationOffsetCheckpointFile,
  startOffset: logStartOffsetCheckpointFile,
  cleaner: cleanerOffsetCheckpointFile,
} as const
export type CheckpointKind = keyof typeof checkpointKinds
const allKinds = Object.keys(checkpointKinds) as CheckpointKind[]

/** Room for checkpoints, and for closing logs, when the disk is full: one reserve for all partitions of a directory. */
const reserveBytes = 1024 * 1024

/** A checkpoint of 200,000 partitions with the longest names takes less. */
const checkpointBytesMax = 64 * 1024 * 1024

/** Directories of partitions that are on their way out, and of partitions nobody knows: `<topic>-<p>.<hex>-delete`, `-stray`. */
const deletedSuffix = '-delete'
const straySuffix = '-stray'

/**
 * One log directory of a broker (`log.dirs`), laid out as Kafka's: a directory for each partition, and a few files
 * about all of them. Held by one process at a time.
 */
export class DataDirectory {
  readonly path: string
  readonly identity: DirectoryIdentity
  /** Whether the last broker here closed all its logs before it ended. */
  readonly wasStoppedCleanly: boolean
  /** Shared by the logs in it. */
  readonly reserve: SpaceReserve
  readonly #env: Env
  readonly #lock: Lock
  readonly #offsets: Record<CheckpointKind, Map<string, number>>
  readonly #writes: Record<CheckpointKind, SerialQueue>

  private constructor(
    path: string,
    env: Env,
    lock: Lock,
    state: Pick<DataDirectory, 'identity' | 'wasStoppedCleanly'>,
  ) {
    this.path = path
    this.identity = state.identity
    this.wasStoppedCleanly = state.wasStoppedCleanly
    this.#env = env
    this.#lock = lock
    this.reserve = new SpaceReserve(env.files, path, reserveBytes)
    this.#offsets = byKind((kind) => this.#load(kind))
    this.#writes = byKind(() => new SerialQueue())
  }

  /**
   * Takes the directory, creating it if need be, and notes that the next start is not after a clean stop until
   * {@link close} says so.
   *
   * @throws LockedError when a live process has it
   * @throws CorruptionError when its identity is damaged, or another node's
   * @throws StorageError
   */
  static async open(path: string, env: Env, nodeId: number): Promise<DataDirectory> {
    const { files } = env
    const kind = files.statSync(path)?.kind
    if (kind !== undefined && kind !== 'directory')
      throw new StorageError(
        `the data directory ${path} is no directory: name one, or one that is yet to be made`,
      )
    try {
      await makeDirectoryDurably(files, path)
      const lock = files.lockSync(join(path, lockFile))
      try {
        const identity = await loadIdentity(path, env, nodeId)
        const marker = join(path, cleanShutdownFile)
        const wasStoppedCleanly = files.statSync(marker) !== undefined
        if (wasStoppedCleanly) {
          // First of all (KAFKA-10471): if loading is cut short, what it changed was not stopped cleanly.
          files.removeSync(marker)
        }
        // Also the names of partitions that another broker has made here, and may not have synced.
        await files.syncDirectory(path)
        const directory = new DataDirectory(path, env, lock, { identity, wasStoppedCleanly })
        directory.#acquireReserve()
        return directory
      } catch (error) {
        lock.releaseSync()
        throw error
      }
    } catch (error) {
      throw operatingError(`opening the data directory ${path}`, error)
    }
  }

  /** The partitions whose directories are here. */
  partitions(): TopicPartition[] {
    return this.#env.files.listSync(this.path).flatMap((name) => {
      const found = parseTopicPartition(name)
      const isDirectory =
        found !== undefined && this.#env.files.statSync(join(this.path, name))?.kind === 'directory'
      return isDirectory ? [found] : []
    })
  }

  partitionPath(of: TopicPartition): string {
    return join(this.path, topicPartitionDirectory(of))
  }

  /** What a checkpoint says of a partition; undefined when nothing. */
  offset(kind: CheckpointKind, of: TopicPartition): number | undefined {
    return this.#offsets[kind].get(topicPartitionDirectory(of))
  }

  /** Whether a checkpoint tells of a partition, be it that its directory is gone. */
  isKnown(of: TopicPartition): boolean {
    return allKinds.some((kind) => this.offset(kind, of) !== undefined)
  }

  /** Notes an offset for the next {@link store}; undefined forgets the partition. */
  note(kind: CheckpointKind, of: TopicPartition, offset: number | undefined): void {
    const key = topicPartitionDirectory(of)
    if (offset === undefined) this.#offsets[kind].delete(key)
    else this.#offsets[kind].set(key, offset)
  }

  /** Lowers what a checkpoint says of a partition to `offset`, durably: what comes from there on is new. */
  async lower(kind: CheckpointKind, of: TopicPartition, offset: number): Promise<void> {
    if ((this.offset(kind, of) ?? offset) <= offset) return
    this.note(kind, of, offset)
    await this.store(kind)
  }

  /** Writes a checkpoint with all that was noted. Durable when it resolves. Calls that wait together share one write. */
  async store(kind: CheckpointKind): Promise<void> {
    const waiting = this.#waiting[kind]
    if (waiting !== undefined) return waiting
    const write = this.#writes[kind].run(() => {
      this.#waiting[kind] = undefined
      const entries = [...this.#offsets[kind]].map(([name, offset]) => ({ ...mustParse(name), offset }))
      return replaceFile(
        this.#env.files,
        join(this.path, checkpointKinds[kind]),
        encodeOffsetCheckpoints(entries),
      )
    })
    this.#waiting[kind] = write
    return write
  }

  /** Where the log of a partition keeps its start offset: in the directory's checkpoint. */
  startOffsets(of: TopicPartition): StartOffsetStore {
    return {
      load: () => this.offset('startOffset', of) ?? 0,
      store: (offset) => {
        this.note('startOffset', of, offset)
        return this.store('startOffset')
      },
    }
  }

  /** Takes the directory of a deleted partition away: out of sight at once, durably, and then its files. */
  async removePartition(of: TopicPartition): Promise<void> {
    const { files, random } = this.#env
    const source = this.partitionPath(of)
    await this.#forget(of)
    if (files.statSync(source) === undefined) return
    const target = join(this.path, asideName(of, random.bytes(16).toString('hex'), deletedSuffix))
    files.renameSync(source, target)
    await files.syncDirectory(this.path)
    files.removeDirectorySync(target)
  }

  /** Puts the directory of a partition that the cluster does not know aside, with all it holds. Returns its new name. */
  async setAside(of: TopicPartition): Promise<string> {
    const { files, random } = this.#env
    await this.#forget(of)
    const name = asideName(of, random.bytes(16).toString('hex'), straySuffix)
    files.renameSync(this.partitionPath(of), join(this.path, name))
    await files.syncDirectory(this.path)
    return name
  }

  /** Removes what a crash has left of deleted partitions. */
  finishDeletions(): void {
    const { files } = this.#env
    for (const name of files.listSync(this.path))
      if (/\.[0-9a-f]{32}-delete$/.test(name)) files.removeDirectorySync(join(this.path, name))
  }

  /** Lets the directory go. `cleanly` when every log in it was closed, so that the next start need not look. */
  async close(cleanly: boolean): Promise<void> {
    try {
      this.reserve.makeRoom()
      if (cleanly) {
        for (const kind of allKinds)
          if (kind !== 'cleaner' || this.#offsets.cleaner.size > 0) await this.store(kind)
        await replaceFile(
          this.#env.files,
          join(this.path, cleanShutdownFile),
          '{"version":0,"brokerEpoch":-1}',
        )
      }
    } catch (error) {
      throw operatingError(`closing the data directory ${this.path}`, error)
    } finally {
      this.#lock.releaseSync()
    }
  }

  /**
   * Takes a partition out of the checkpoints, durably where it was in: another one of its name, after a crash, must not
   * be told where this one started, or how far it was synced.
   */
  async #forget(of: TopicPartition): Promise<void> {
    const kinds = allKinds.filter((kind) => this.offset(kind, of) !== undefined)
    for (const kind of kinds) this.note(kind, of, undefined)
    await Promise.all(kinds.map((kind) => this.store(kind)))
  }

  readonly #waiting: Record<CheckpointKind, Promise<void> | undefined> = byKind(() => undefined)

  /** A full disk is met when something is appended, and not at the start: what is there can be read, and given up. */
  #acquireReserve(): void {
    try {
      this.reserve.acquire()
    } catch (error) {
      const refusal = storageError('reserving room', error)
      if (refusal.code !== 'ERR_DISK_FULL') throw refusal
    }
  }

  /** A checkpoint is a hint, or, for start offsets, what was promised to be gone: a damaged one must not pass for none. */
  #load(kind: CheckpointKind): Map<string, number> {
    const path = join(this.path, checkpointKinds[kind])
    const bytes = readWhole(this.#env.files, path, checkpointBytesMax)
    const decoded = decodeOffsetCheckpoints(bytes?.toString() ?? '')
    if (decoded.value !== undefined)
      return new Map(decoded.value.map((entry) => [topicPartitionDirectory(entry), entry.offset]))
    if (kind !== 'startOffset') return new Map()
    throw new CorruptionError(
      path,
      -1,
      decoded.fault,
      'Remove the file to start every log at its first segment: records that were deleted may then be seen again',
    )
  }
}

/** At most 255 bytes, which is as long as a name may be: the topic's part is cut, as Kafka does. */
function asideName({ topic, partition }: TopicPartition, hex: string, suffix: string): string {
  const end = `-${partition}.${hex}${suffix}`
  return topic.slice(0, 255 - end.length) + end
}

function mustParse(name: string): TopicPartition {
  const parsed = parseTopicPartition(name)
  if (parsed === undefined) throw new TypeError(`${name} is no partition's directory`)
  return parsed
}

function byKind<T>(make: (kind: CheckpointKind) => T): Record<CheckpointKind, T> {
  return Object.fromEntries(allKinds.map((kind) => [kind, make(kind)])) as Record<CheckpointKind, T>
}

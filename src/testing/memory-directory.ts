import type { MemoryInode } from './memory-inode.ts'

/** What a name in a directory leads to. */
export type MemoryNode = MemoryInode | MemoryDirectory

/** A directory in memory: the names it shows, and those that a power cut would leave it. */
export class MemoryDirectory {
  modifiedMs: number
  readonly entries: Map<string, MemoryNode>
  /** The entries as of the last sync of the directory. */
  readonly durableEntries: Map<string, MemoryNode>

  constructor(modifiedMs: number, entries: ReadonlyMap<string, MemoryNode> = new Map()) {
    this.modifiedMs = modifiedMs
    this.entries = new Map(entries)
    this.durableEntries = new Map(entries)
  }
}

/** Whether `directory` is `ancestor` or somewhere below it. */
export function holds(ancestor: MemoryDirectory, directory: MemoryDirectory): boolean {
  if (ancestor === directory) return true
  return [...ancestor.entries.values()].some(
    (node) => node instanceof MemoryDirectory && holds(node, directory),
  )
}

/** One name that an {@link EntryOperation} sets (`node`) or takes away (`undefined`). */
export interface Placement {
  readonly directory: MemoryDirectory
  readonly name: string
  readonly node: MemoryNode | undefined
}

/** A create, rename or remove: placements that reach the disk together or not at all. */
export interface EntryOperation {
  /** For people: the path concerned. */
  readonly path: string
  readonly placements: readonly Placement[]
  /** The files and directories that get, change or lose their name. */
  readonly nodes: readonly MemoryNode[]
}

/** Whether two operations concern one name or one file, so that the later cannot reach the disk without the earlier. */
export function isRelated(a: EntryOperation, b: EntryOperation): boolean {
  const sharesNode = a.nodes.some((node) => b.nodes.includes(node))
  return sharesNode || a.placements.some((one) => b.placements.some((other) => isSameName(one, other)))
}

function isSameName(a: Placement, b: Placement): boolean {
  return a.directory === b.directory && a.name === b.name
}

/** Carries out a placement on a directory's entries. */
export function place(entries: Map<string, MemoryNode>, { name, node }: Placement): void {
  if (node) entries.set(name, node)
  else entries.delete(name)
}

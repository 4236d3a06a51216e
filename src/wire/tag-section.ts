import { assert } from '../base/assert.ts'
import { defaultTest } from './default-value.ts'
import type { Member } from './member.ts'
import type { Reader } from './reader.ts'
import { WireFault, within } from './wire-fault.ts'
import type { Writer } from './writer.ts'

/** Tagged fields that a struct may carry and this release not know. Kafka sets no bound. */
const unknownTagsMax = 64

/**
 * The end of every struct of a flexible version (KIP-482): how many tagged fields follow, then for each its tag, its
 * size and its value, by ascending tags. A tag that is not known is skipped.
 */
export interface TagSection {
  /** Puts what is there into `value`, which holds the defaults. */
  read(reader: Reader, value: Record<string, unknown>): void
  /** Writes those of `value` that are not the default. */
  write(writer: Writer, value: Record<string, unknown>): void
}

const noTags: TagSection = {
  read: skipTags,
  write: (writer) => writer.writeSize(0),
}

/** Passes over a section in which no tag is known. */
export function skipTags(reader: Reader): void {
  for (let left = readCount(reader, 0); left > 0; left--) skipTagged(reader)
}

interface TaggedMember extends Member {
  readonly tag: number
  readonly isDefault: (value: unknown) => boolean
}

/** The section of a struct that has `members` for tagged fields. */
export function tagSection(members: readonly Member[]): TagSection {
  if (members.length === 0) return noTags
  const inOrder = members.map(toTagged).sort((a, b) => a.tag - b.tag)
  const byTag = new Map(inOrder.map((member) => [member.tag, member]))
  return {
    read: (reader, value) => {
      for (let left = readCount(reader, members.length); left > 0; left--) {
        const member = byTag.get(reader.readSize())
        if (member === undefined) reader.skip(reader.readSize())
        else value[member.name] = readMember(reader, member)
      }
    },
    write: (writer, value) => {
      let count = 0
      for (const member of inOrder) if (isPresent(member, value)) count++
      writer.writeSize(count)
      if (count === 0) return
      for (const member of inOrder)
        if (isPresent(member, value)) writeMember(writer, member, value[member.name])
    },
  }
}

function toTagged(member: Member): TaggedMember {
  const { tag } = member.field.traits
  assert(tag !== undefined, `${member.name} has a tag`)
  return { ...member, tag, isDefault: defaultTest(member.field) }
}

function isPresent({ name, isDefault }: TaggedMember, value: Record<string, unknown>): boolean {
  const given = value[name]
  return given !== undefined && !isDefault(given)
}

/** How many tagged fields follow, of which `knownCount` at the most are known. */
function readCount(reader: Reader, knownCount: number): number {
  const count = reader.readSize()
  if (count > knownCount + unknownTagsMax) throw new WireFault(`${count} tagged fields follow`)
  return count
}

function skipTagged(reader: Reader): void {
  reader.readSize()
  reader.skip(reader.readSize())
}

function readMember(reader: Reader, { name, codec }: TaggedMember): unknown {
  const size = reader.readSize()
  const end = reader.position + size
  try {
    reader.countHeapBytes(codec.heapBytes)
    const value = codec.read(reader)
    if (reader.position !== end)
      throw new WireFault(`does not take the ${size} bytes that it is said to take`)
    return value
  } catch (error) {
    throw within(error, name)
  }
}

function writeMember(writer: Writer, { name, codec, tag }: TaggedMember, value: unknown): void {
  try {
    writer.writeSize(tag)
    writer.writeSized(() => codec.write(writer, value))
  } catch (error) {
    throw within(error, name)
  }
}

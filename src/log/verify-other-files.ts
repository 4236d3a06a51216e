import { join } from 'node:path'
import type { Files } from '../env/env.ts'
import { lockFile, parseSegmentFileName, segmentFileName } from './file-names.ts'
import { quarantineDirectory } from './quarantine.ts'
import { readWhole } from './replace-file.ts'
import { examineEntries, sealLedgerFile } from './seal-ledger.ts'
import { reserveFile } from './space-reserve.ts'
import { counted, type FileFinding } from './verify-findings.ts'
import type { SurveyedDirectory } from './verify-side-files.ts'

/** Says of every file that nobody has looked at what it is. */
export function nameOtherFiles(surveyed: SurveyedDirectory, isOpen: boolean): void {
  const { findings, listing } = surveyed
  const leftovers = new Set(listing.leftovers.map(({ name }) => name))
  for (const name of listing.names) {
    if (leftovers.has(name))
      findings.of(name).stale('left behind by a crash: will be removed or finished at the next open')
    else if (!findings.has(name)) nameFile(surveyed, name, isOpen)
  }
}

function nameFile(
  { files, directory, listing, findings }: SurveyedDirectory,
  name: string,
  isOpen: boolean,
): void {
  const finding = findings.of(name)
  const parsed = parseSegmentFileName(name)
  if (parsed !== undefined) {
    if (listing.names.has(segmentFileName(parsed.baseOffset, '.log'))) finding.note('not looked at')
    else finding.stale('belongs to no segment: will be removed at the next open')
  } else if (name === lockFile) {
    if (isOpen) finding.note('held by this process')
    else finding.stale('held by whoever has the log open, or left behind by a crash')
  } else if (name === reserveFile) finding.note('room kept for when the disk is full')
  else if (name === quarantineDirectory) finding.note('what recovery and repair have set aside')
  else if (name === sealLedgerFile) nameSeals(files, directory, finding)
  else if (name.startsWith(`${lockFile}.`)) finding.stale('left behind when a lock was taken over')
  else finding.unknown(kindOf(files.statSync(join(directory, name))?.kind))
}

/** A crash may leave a part of its last entry, or the room for it. */
function nameSeals(files: Files, directory: string, finding: FileFinding): void {
  const bytes = readWhole(files, join(directory, sealLedgerFile), 2 ** 31 - 1) ?? Buffer.alloc(0)
  const { whole, torn, damaged } = examineEntries(bytes)
  finding.note(`${counted(whole, 'segment')} as they were sealed`)
  if (torn > 0) finding.stale('its last entry is torn: made again at the next open')
  for (const position of damaged) finding.damage(position, 'the checksum of the entry does not match')
}

function kindOf(kind: string | undefined): string {
  return kind === 'directory' ? 'a directory that is not part of the log' : 'not a file of the log'
}

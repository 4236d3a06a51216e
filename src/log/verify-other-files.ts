import { join } from 'node:path'
import { lockFile, parseSegmentFileName, segmentFileName } from './file-names.ts'
import { quarantineDirectory } from './quarantine.ts'
import { reserveFile } from './space-reserve.ts'
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
  else if (name.startsWith(`${lockFile}.`)) finding.stale('left behind when a lock was taken over')
  else finding.unknown(kindOf(files.statSync(join(directory, name))?.kind))
}

function kindOf(kind: string | undefined): string {
  return kind === 'directory' ? 'a directory that is not part of the log' : 'not a file of the log'
}

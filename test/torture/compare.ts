import type { Finding } from './finding.ts'
import type { Acknowledged, History } from './history.ts'
import type { Survivors } from './survivors.ts'

/** Holds what a log still has against what is known of it. Records that were allowed to go are added to `history.shed`. */
export function compare(history: History, survivors: Survivors): Finding[] {
  return [
    ...history.contradictions.map((detail) => ({ kind: 'lost', detail }) as const),
    ...wrongStart(history, survivors),
    ...missing(history, survivors),
    ...strangers(history, survivors),
    ...disorder(history, survivors),
  ]
}

function wrongStart({ start }: History, { startOffset }: Survivors): Finding[] {
  if (startOffset < start.least)
    return [{ kind: 'lost', detail: `the log was trimmed to ${start.least}, and starts at ${startOffset}` }]
  if (startOffset > start.most)
    return [
      { kind: 'lost', detail: `the log was trimmed to at most ${start.most}, and starts at ${startOffset}` },
    ]
  return []
}

/** The acknowledged records that are not where they were. */
function missing(
  { acknowledged, undecidedFrom, shed }: History,
  { startOffset, records }: Survivors,
): Finding[] {
  const nameAt = new Map(records.map(({ offset, identity }) => [offset, nameOf(identity)]))
  const offsetOf = new Map(records.map(({ offset, identity }) => [nameOf(identity), offset]))
  const findings: Finding[] = []
  for (const [offset, record] of acknowledged) {
    const name = nameOf(record)
    if (offset < startOffset || offset >= undecidedFrom || nameAt.get(offset) === name) continue
    const elsewhere = offsetOf.get(name)
    if (elsewhere !== undefined)
      findings.push({
        kind: 'reordered',
        detail: `record ${name} moved from offset ${offset} to ${elsewhere}`,
      })
    else if (record.durable)
      findings.push({ kind: 'lost', detail: `record ${name} of offset ${offset}${ageOf(record)}` })
    else shed.push(record)
  }
  return findings
}

/** The records that should not be there. */
function strangers({ excluded }: History, { records }: Survivors): Finding[] {
  const seen = new Set<string>()
  const findings: Finding[] = []
  for (const { offset, identity } of records) {
    const name = nameOf(identity)
    const fault =
      (identity === undefined && 'is not what any writer appended') ||
      (seen.has(name) && 'is there twice') ||
      (excluded.has(name) && 'was truncated or refused')
    if (fault !== false)
      findings.push({ kind: 'invented', detail: `record ${name} at offset ${offset} ${fault}` })
    seen.add(name)
  }
  return findings
}

/** Offsets without a hole, from the start to the end; lives, and the records of each, in the order they were appended in. */
function disorder({ disordered }: History, { startOffset, endOffset, records }: Survivors): Finding[] {
  const findings: Finding[] = []
  let due = startOffset
  let last = { life: -1, index: -1 }
  for (const { offset, identity } of records) {
    if (offset !== due)
      findings.push({ kind: 'damaged', detail: `offset ${offset} follows where ${due} is due` })
    due = offset + 1
    if (identity === undefined) continue
    const { life, index } = identity
    if (life < last.life || (life === last.life && index <= last.index && !disordered.has(life)))
      findings.push({ kind: 'reordered', detail: `${nameOf(identity)} comes after ${nameOf(last)}` })
    last = identity
  }
  if (due !== endOffset)
    findings.push({ kind: 'damaged', detail: `reading ends before ${due}, the log at ${endOffset}` })
  return findings
}

/** How long before the end it was acknowledged, where that is known. */
function ageOf({ ageMs }: Acknowledged): string {
  return ageMs > 0 ? `, ${Math.round(ageMs)} ms old` : ''
}

function nameOf(identity: { life: number; index: number } | undefined): string {
  return identity === undefined ? 'unknown' : `${identity.life}:${identity.index}`
}

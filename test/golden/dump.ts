import { readKafkaFile } from './kafka-directory.ts'

/** One line of the dump: the word it starts with, and its `name=value` fields as Kafka's classes printed them. */
export interface DumpLine {
  readonly text: string
  readonly fields: Readonly<Record<string, string>>
}

/** What Kafka's own readers say of each file of the partition: `dump.txt`, by file name. */
export function readDump(): Map<string, DumpLine[]> {
  const files = new Map<string, DumpLine[]>()
  let lines: DumpLine[] = []
  for (const text of readKafkaFile('dump.txt').toString().split('\n')) {
    if (text === '') continue
    if (text.startsWith(' ')) lines.push({ text: text.trim(), fields: parseFields(text) })
    else files.set(text.split(' ')[0] ?? '', (lines = []))
  }
  return files
}

/** The lines about one file, each as the named numbers; `NaN` where Kafka printed no number. */
export function dumpedNumbers(dump: Map<string, DumpLine[]>, file: string): Record<string, number>[] {
  return (dump.get(file) ?? []).map(({ fields }) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Number(value)])),
  )
}

function parseFields(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)\s?=\s?([\w.-]+(?:\[\d+\])?)/g)
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, value]))
}

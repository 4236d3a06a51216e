import { join } from 'node:path'
import type { Files } from '../../src/env/env.ts'
import { durablePointFile } from '../../src/log/durable-point.ts'
import { parseSegmentFileName } from '../../src/log/file-names.ts'
import { readWhole } from '../../src/log/replace-file.ts'

/** Every file in `directory` and below, by name, with its bytes in hexadecimal, so that differences can be printed. */
export function contentOf(files: Files, directory: string): Record<string, string> {
  const content: Record<string, string> = {}
  for (const name of files.listSync(directory).toSorted()) {
    const path = join(directory, name)
    if (files.statSync(path)?.kind === 'file')
      content[name] = String(readWhole(files, path, 1e9)?.toString('hex'))
    else
      for (const [inner, bytes] of Object.entries(contentOf(files, path))) content[join(name, inner)] = bytes
  }
  return content
}

/**
 * {@link contentOf} without the files that may come and go with every opening: producer snapshots away from the start
 * of a segment, of which the next opening removes the older ones; the index files of the last segment, which count
 * only after a clean stop; and the durable point, which may be behind after one.
 */
export function lastingContentOf(files: Files, directory: string): Record<string, string> {
  const content = Object.entries(contentOf(files, directory)).map(
    ([name, bytes]) => [name, bytes.slice(0, 200) + bytes.length] as const,
  )
  const bases = content.flatMap(([name]) => {
    const parsed = parseSegmentFileName(name)
    return parsed?.kind === '.log' && parsed.state === 'current' ? [parsed.baseOffset] : []
  })
  const lasts = ([name]: readonly [string, string]) => {
    const parsed = parseSegmentFileName(name)
    if (parsed === undefined || parsed.kind === '.log') return name !== durablePointFile
    if (parsed.kind === '.snapshot') return bases.includes(parsed.baseOffset)
    return parsed.baseOffset < Math.max(...bases)
  }
  return Object.fromEntries(content.filter(lasts))
}

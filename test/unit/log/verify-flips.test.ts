import { expect, test } from 'vitest'
import { badFiles, flipped, sampleLog, verify, worldOf } from './verify-setup.ts'

/**
 * Flips that verifying cannot, and need not, see. The id in `partition.metadata` has no checksum, and any 22 characters
 * of base64url are one; and the clean-shutdown file's last byte is the newline behind its checksum.
 */
function isHarmless(name: string, position: number, size: number): boolean {
  if (name === 'partition.metadata') return position >= size - 22
  return name === 'tidemark-clean-shutdown' && position === size - 1
}

test.each(['closed', 'killed'] as const)(
  'every flipped bit of a log that was %s is noticed',
  { timeout: 600_000 },
  async (end) => {
    const files = await sampleLog(end, 3)
    const unnoticed: string[] = []
    for (const [name, bytes] of files)
      for (let position = 0; position < bytes.length; position++) {
        if (isHarmless(name, position, bytes.length)) continue
        const report = await verify(worldOf(flipped(files, name, position, position % 8)))
        const isNamed = badFiles(report).some((bad) => bad.startsWith(name))
        const isBlamed = isNamed || badFiles(report).join().includes(`${name} changed`)
        if (report.ok || !isBlamed) unnoticed.push(`${name} at byte ${position}`)
      }
    expect(unnoticed).toEqual([])
  },
)

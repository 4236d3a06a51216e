import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { verifyDirectory } from '../../src/log/verify-directory.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'

/**
 * A partition's directory as a broker of Kafka 4.3.1 left it after DeleteRecords up to offset 40. Its segments before
 * that are still there, the leader epochs begin at 40, and the start offset is in a file of the directory above.
 */
const recorded = fileURLToPath(
  new URL('../../data/golden/kafka-4.3.1-broker/clean/trimmed-0', import.meta.url),
)
const checkpoint = 'leader-epoch-checkpoint'

function copy(): string {
  const directory = join(temporaryDirectory(), 'trimmed-0')
  cpSync(recorded, directory, { recursive: true })
  return directory
}

test('batches from before the first known epoch are no contradiction', async () => {
  const report = await verifyDirectory(recorded)
  expect(report.files.filter(({ verdict }) => verdict === 'damaged')).toEqual([])
  expect(report).toMatchObject({ ok: true, startOffset: 0, endOffset: 180 })
})

test.each([
  ['epochs that begin later still', '0\n2\n2 60\n4 120\n', true],
  ['epochs of which one is missing', '0\n2\n0 40\n4 120\n', false],
  ['a first epoch below that of the batches before it', '0\n1\n2 150\n', false],
  ['no epoch at all', '0\n0\n', false],
])('%s', async (_, text, isGood) => {
  const directory = copy()
  writeFileSync(join(directory, checkpoint), text)
  const { files } = await verifyDirectory(directory)
  expect(files.find(({ file }) => file === checkpoint)?.verdict).toBe(isGood ? 'good' : 'damaged')
})

import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { expectGood, RunningCommand, tidemark } from './tidemark.ts'

/** Where `os.tmpdir()` of a child points to. */
function temporaryRoot(): { directory: string; environment: Record<string, string> } {
  const directory = join(temporaryDirectory(), 'tmp')
  mkdirSync(directory)
  return { directory, environment: { TMPDIR: directory, TEMP: directory, TMP: directory } }
}

test('the quickstart shows everything, loses nothing, and leaves nothing behind', async () => {
  const { directory, environment } = temporaryRoot()
  const { exitCode, stdout, stderr } = await tidemark(['quickstart'], '', environment)
  expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/^Appended 1,707 earthquakes \(1\.3 MB\)/)
  expect(stdout).toContain('offset 1000: M 0.8 - 37km NNE of Amboy, Washington')
  expect(stdout).toContain('first on or after 2018-02-03T00:00Z: offset 671, M 2.9 - 45km SE of Punta Cana')
  expect(stdout).toMatch(/^ {2}acknowledged {2}[1-9][\d,]* records/m)
  expect(stdout).toMatch(/^ {2}lost +none$/m)
  expect(stdout).toMatch(/^ {2}append to the log +[\d,]+ records\/s +[\d.]+ [MG]B\/s/m)
  expect(stdout).toContain('Next: ')
  expect(readdirSync(directory)).toEqual([])
})

test('SIGINT ends it, the child process too, and leaves nothing behind', async () => {
  const { directory, environment } = temporaryRoot()
  const quickstart = new RunningCommand(['quickstart'], environment)
  for (let line = ''; !line.startsWith('A child process'); ) line = await quickstart.nextLine()
  quickstart.kill('SIGINT')
  const { exitCode, stderr } = await quickstart.finished()
  expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' })
  expect(readdirSync(directory)).toEqual([])
})

test('--keep keeps the logs, which are good', async () => {
  const { directory, environment } = temporaryRoot()
  const { exitCode, stdout } = await tidemark(['quickstart', '--keep'], '', environment)
  expect(exitCode).toBe(0)
  const [name = ''] = readdirSync(directory)
  expect(stdout).toContain(`Kept in ${join(directory, name)}`)
  for (const log of readdirSync(join(directory, name))) await expectGood(join(directory, name, log))
})

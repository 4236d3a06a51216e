import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RepairReport } from '../../src/log/repair-report.ts'
import type { VerifyReport } from '../../src/log/verify-report.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { expectGood, readJson, succeed, tidemark } from './tidemark.ts'

const kafka = new URL('../../data/golden/kafka-4.0/fixture-0', import.meta.url).pathname
const damagedLog = '00000000000000000565.log'

/** A copy of the partition that Kafka wrote. */
function copyOfKafka(): string {
  const directory = join(temporaryDirectory(), 'fixture-0')
  cpSync(kafka, directory, { recursive: true })
  return directory
}

/** The same with a byte of a batch in the middle of its second segment changed. */
function damagedCopy(): string {
  const directory = copyOfKafka()
  const path = join(directory, damagedLog)
  const bytes = readFileSync(path)
  bytes[30_000] = (bytes[30_000] ?? 0) ^ 0xff
  writeFileSync(path, bytes)
  return directory
}

function filesOf(directory: string): Record<string, string> {
  const names = readdirSync(directory)
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name), 'hex')]))
}

describe('verify', () => {
  test('says of every file that it is good', async () => {
    const printed = await succeed(['log', 'verify', kafka])
    for (const name of readdirSync(kafka)) expect(printed).toMatch(new RegExp(`^${name} .* good`, 'm'))
    expect(printed).toMatch(/offsets 0 to 1,764 \(exclusive\), 1,764 records in \d+ batches, 211.8 kB of log/)
    expect(printed.trimEnd().split('\n').at(-1)).toBe('no damage')
  })

  test('tells the damaged file and byte, with exit code 1, and changes nothing', async () => {
    const directory = damagedCopy()
    const before = filesOf(directory)
    const { exitCode, stdout, stderr } = await tidemark(['log', 'verify', directory])
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^${damagedLog} .* damaged`, 'm'))
    expect(stdout).toMatch(new RegExp(`^ {2}${damagedLog} at byte \\d+: .*checksum`, 'm'))
    expect(stdout).toMatch(/^00000000000000000000\.log .* good/m)
    expect(stdout).toContain(`see "tidemark log repair ${directory} --dry-run"`)
    expect(filesOf(directory)).toEqual(before)
  })

  test('as JSON', async () => {
    const { exitCode, stdout } = await tidemark(['log', 'verify', damagedCopy(), '--json'])
    const { ok, files } = JSON.parse(stdout) as VerifyReport
    expect({ exitCode, ok }).toEqual({ exitCode: 1, ok: false })
    expect(files.find(({ file }) => file === damagedLog)).toMatchObject({
      verdict: 'damaged',
      sizeBytes: 65_050,
    })
  })

  test('a directory without a log is told', async () => {
    const { exitCode, stderr } = await tidemark(['log', 'verify', join(temporaryDirectory(), 'none')])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^tidemark: .* \[ERR_NOT_A_LOG\]\n$/)
  })

  test('no colours where they would not show', async () => {
    expect(await succeed(['log', 'verify', kafka])).not.toContain('\u001b')
  })
})

describe('repair', () => {
  test('changes nothing without --yes, and tells how', async () => {
    const directory = damagedCopy()
    const before = filesOf(directory)
    const { exitCode, stderr, stdout } = await tidemark(['log', 'repair', directory])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(
      'tidemark: repair changes the log: see what it would do with --dry-run, then say --yes',
    )
    expect(filesOf(directory)).toEqual(before)
  })

  test('says with --dry-run what it would do, and changes nothing', async () => {
    const directory = damagedCopy()
    const before = filesOf(directory)
    const printed = await succeed(['log', 'repair', directory, '--dry-run'])
    expect(printed).toContain(damagedLog)
    expect(printed).toMatch(/^lost: offsets \d+ to \d+ \(\d+ offsets?\)$/m)
    expect(printed.trimEnd().split('\n').at(-1)).toBe('nothing was changed: this was a dry run')
    expect(filesOf(directory)).toEqual(before)
  })

  test('repairs with --yes what verify then finds good, and keeps what it changed', async () => {
    const directory = damagedCopy()
    const whole = await readJson(kafka)
    const report = JSON.parse(await succeed(['log', 'repair', directory, '--yes', '--json'])) as RepairReport
    expect(report.changed).toBe(true)
    const [lost] = report.lostOffsets
    expect(report.lostOffsets.length).toBe(1)
    expect(readFileSync(report.quarantined.find((path) => path.includes(damagedLog)) ?? '').length).toBe(
      65_050,
    )
    await expectGood(directory)
    const kept = whole.filter(
      ({ offset }) =>
        !(Number(offset) >= Number(lost?.fromOffset) && Number(offset) < Number(lost?.toOffset)),
    )
    expect(kept.length).toBeLessThan(whole.length)
    expect(await readJson(directory)).toEqual(kept)
  })

  test('has nothing to do with a good log', async () => {
    const directory = copyOfKafka()
    expect(await succeed(['log', 'repair', directory, '--yes'])).toBe('nothing to repair\n')
  })
})

test('what is damaged is not read, what is before it is, and the message names the way out', async () => {
  const directory = join(temporaryDirectory(), 'own')
  await succeed(['log', 'append', directory], 'a line of some length\n'.repeat(10_000))
  const path = join(directory, '00000000000000000000.log')
  const bytes = readFileSync(path)
  bytes[100_000] = 0xff
  writeFileSync(path, bytes)
  const { exitCode, stdout, stderr } = await tidemark(['log', 'read', directory])
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^(a line of some length\n)+$/)
  expect(stderr).toMatch(/^tidemark: .*00000000000000000000\.log at byte \d+: .*repair.* \[ERR_CORRUPT\]\n$/)
})

test('a torn tail is no damage: the next append cuts it and tells so', async () => {
  const directory = copyOfKafka()
  const path = join(directory, '00000000000000001627.log')
  truncateSync(path, readFileSync(path).length - 10)
  const { stdout } = await tidemark(['log', 'verify', directory, '--json'])
  expect((JSON.parse(stdout) as VerifyReport).ok).toBe(true)
  const read = await tidemark(['log', 'read', directory, '-n', '1'])
  expect(read).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/^recovery: left out the last [^\n]*\n$/) as string,
  })
  const append = await tidemark(['log', 'append', directory], 'x\n')
  expect(append.exitCode).toBe(0)
  expect(append.stderr).toMatch(
    /^recovery: cut the last \d+ bytes of .*1627\.log, from byte \d+ on: .*\nappended 1 record, offset 1754,/,
  )
  await expectGood(directory)
})

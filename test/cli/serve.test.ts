import { writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { RunningCommand, tidemark } from './tidemark.ts'

const anyPort = ['--port', '0'] as const

test('says when it is ready, and ends cleanly as it was told', async () => {
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const serve = new RunningCommand(['serve', temporaryDirectory(), ...anyPort])
    expect(await serve.nextLine()).toMatch(/^tidemark: ready at 127\.0\.0\.1:\d+ after \d+ ms, data in /)
    serve.kill(signal)
    expect(await serve.finished()).toMatchObject({ exitCode, stderr: '' })
  }
})

test('what is unknown or has no effect is told, wherever it was set, and it starts all the same', async () => {
  const directory = temporaryDirectory()
  const file = join(directory, 'server.properties')
  writeFileSync(file, 'num.network.thread=3\n')
  const configs = ['-c', 'retention.ms=1', '-c', 'num.partition=3', '-c', 'tidemark.durability=os']
  const args = ['serve', join(directory, 'data'), ...anyPort, '--properties', file, ...configs]
  const serve = new RunningCommand(args)
  await serve.nextLine()
  serve.kill('SIGTERM')
  const { stderr } = await serve.finished()
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(
      /server\.properties:1: num\.network\.thread is no config .*'num\.network\.threads'/,
    ),
    expect.stringMatching(/--config:1: retention\.ms is a config of topics; .* log\.retention\.ms$/),
    expect.stringMatching(/--config:2: num\.partition is no config of a broker.*'num\.partitions'\?$/),
    '',
  ])
})

test('a value that cannot be is a matter of how it was asked', async () => {
  const asked = await tidemark(['serve', temporaryDirectory(), ...anyPort, '-c', 'num.partitions=abc'])
  expect(asked).toMatchObject({ exitCode: 2, stdout: '' })
  expect(asked.stderr).toMatch(/^tidemark: --config:1: Invalid value abc for configuration num\.partitions/)
})

test('a port that is taken, and an address that is not ours, are told with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  expect(await tidemark(['serve', temporaryDirectory(), '--port', String(port)])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/EADDRINUSE.*choose another port with --port \(0 for any free one\)\n$/),
  })
  expect(await tidemark(['serve', temporaryDirectory(), '--host', '192.0.2.1'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/EADDRNOTAVAIL.*Listen at an address of this computer/),
  })
})

test('a directory that another broker has is told with who has it', async () => {
  const directory = temporaryDirectory()
  const holder = new RunningCommand(['serve', directory, ...anyPort])
  await holder.nextLine()
  const refused = await tidemark(['serve', directory, ...anyPort])
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
  expect(refused.stderr).toMatch(
    /is held by process \d+ \(which is running\)\. Stop that process, or serve another directory \[ERR_LOCKED\]\n$/,
  )
  holder.kill('SIGTERM')
  await holder.finished()
})

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { LockedError } from '../../../src/base/errors.ts'
import { formatLockOwner, parseLockOwner, type LockOwner } from '../../../src/env/lock-owner.ts'
import { currentProcess, seeProcess } from '../../../src/env/process-identity.ts'
import { claimPathOf, lockProcess } from '../../../src/env/process-lock.ts'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { turn } from '../../../src/env/turn.ts'
import { compileEnv } from './compiled-env.ts'
import { LockHolder } from './lock-holder.ts'
import { temporaryDirectory } from './temporary-directory.ts'

function lockPath(): string {
  return join(temporaryDirectory(), '.lock')
}

/** A lock file as some other process would have left it. */
function writeLock(path: string, changes: Partial<LockOwner>): void {
  writeFileSync(path, formatLockOwner({ ...currentProcess(), token: 'other', ...changes }))
}

function namesBeside(path: string): string[] {
  return readdirSync(join(path, '..'))
}

describe('one process', () => {
  test('the lock file tells who holds it, and goes with the lock', () => {
    const path = lockPath()
    const lock = lockProcess(path)
    const owner = parseLockOwner(readFileSync(path, 'utf8'))
    expect(owner).toMatchObject({ ...currentProcess(), pid: process.pid, host: hostname() })
    expect(namesBeside(path)).toEqual(['.lock'])
    lock.releaseSync()
    expect(namesBeside(path)).toEqual([])
  })

  test('the same process cannot hold it twice', () => {
    const path = lockPath()
    lockProcess(path)
    expect(() => lockProcess(path)).toThrow(LockedError)
    expect(() => lockProcess(path)).toThrow(`${path} is held by process ${process.pid} (this process itself)`)
  })

  test('a release removes only the own lock', () => {
    const path = lockPath()
    const lock = lockProcess(path)
    writeLock(path, { token: 'somebody else' })
    lock.releaseSync()
    expect(existsSync(path)).toBe(true)
  })

  test.each([
    ['empty', ''],
    ['zeros', '\0'.repeat(100)],
    ['torn', formatLockOwner({ ...currentProcess(), token: 'x' }).slice(0, -5)],
    ['without its last byte', formatLockOwner({ ...currentProcess(), token: 'x' }).slice(0, -1)],
    ['JSON of another kind', '{"pid":1}\n'],
    ['a pid that is none', formatLockOwner({ ...currentProcess(), token: 'x', pid: -1 })],
  ])("a lock file that is %s is nobody's", (_, text) => {
    const path = lockPath()
    writeFileSync(path, text)
    lockProcess(path)
    expect(parseLockOwner(readFileSync(path, 'utf8'))?.pid).toBe(process.pid)
    expect(namesBeside(path)).toEqual(['.lock'])
  })

  test("the pid of another process does not make its predecessor's lock live", () => {
    const path = lockPath()
    writeLock(path, { pid: process.ppid, startTime: currentProcess().startTime + 1_000_000 })
    lockProcess(path)
    expect(parseLockOwner(readFileSync(path, 'utf8'))?.pid).toBe(process.pid)
  })

  test('a lock from before the machine was restarted is stale', () => {
    const path = lockPath()
    writeLock(path, { bootId: 'an earlier boot' })
    lockProcess(path)
    expect(parseLockOwner(readFileSync(path, 'utf8'))?.token).not.toBe('other')
  })

  test('a lock of another machine is respected, and the error says how to get rid of it', () => {
    const path = lockPath()
    writeLock(path, { host: 'elsewhere', bootId: 'another', pid: 1234567 })
    expect(() => lockProcess(path)).toThrow(
      /held by process 1234567 \(on host elsewhere, .* delete that file\)/,
    )
    expect(namesBeside(path)).toEqual(['.lock'])
  })

  test('a takeover that died half-way does not stop the next one', () => {
    const path = lockPath()
    const gone = { pid: 2 ** 30, token: 'gone' }
    writeLock(path, gone)
    writeLock(claimPathOf(path, readFileSync(path, 'utf8')), { ...gone, token: 'also gone' })
    lockProcess(path)
    expect(parseLockOwner(readFileSync(path, 'utf8'))?.pid).toBe(process.pid)
    expect(namesBeside(path)).toEqual(['.lock'])
  })

  test('a takeover under way by a live process is respected', () => {
    const path = lockPath()
    writeLock(path, { pid: 2 ** 30 })
    writeLock(claimPathOf(path, readFileSync(path, 'utf8')), {})
    expect(() => lockProcess(path)).toThrow(
      `${path} is held by process ${process.pid} (which is taking it over`,
    )
  })
})

describe('several processes', () => {
  let moduleUrl: string
  beforeAll(() => {
    moduleUrl = compileEnv()
  })

  test('a live owner is respected, and named', async () => {
    const path = lockPath()
    const owner = await LockHolder.start(moduleUrl)
    expect(await owner.take(path)).toBe('held')
    expect(() => lockProcess(path)).toThrow(`${path} is held by process ${owner.pid} (which is running)`)
    const other = await LockHolder.start(moduleUrl)
    expect(await other.take(path)).toContain(`LockedError: ${path} is held by process ${owner.pid} `)
  })

  test('the lock of a process that was killed is taken over', async () => {
    const path = lockPath()
    const owner = await LockHolder.start(moduleUrl)
    expect(await owner.take(path)).toBe('held')
    await owner.kill()
    expect(parseLockOwner(readFileSync(path, 'utf8'))?.pid).toBe(owner.pid)
    const heir = await LockHolder.start(moduleUrl)
    expect(await heir.take(path)).toBe('held')
    expect(() => lockProcess(path)).toThrow(`held by process ${heir.pid} `)
    expect(namesBeside(path)).toEqual(['.lock'])
  })

  test('of eight processes that race for a stale lock exactly one gets it, and the others name it', async () => {
    const racers = await Promise.all(Array.from({ length: 8 }, () => LockHolder.start(moduleUrl)))
    for (let round = 0; round < 20; round++) {
      const path = lockPath()
      if (round % 4 !== 3) writeLock(path, { pid: 2 ** 30 })
      const answers = await Promise.all(racers.map((racer) => racer.take(path)))
      const winner = racers[answers.indexOf('held')]
      expect(answers.filter((answer) => answer === 'held')).toHaveLength(1)
      expect(answers.filter((answer) => answer.startsWith('LockedError'))).toHaveLength(7)
      expect(parseLockOwner(readFileSync(path, 'utf8'))?.pid).toBe(winner?.pid)
      expect(namesBeside(path)).toEqual(['.lock'])
    }
  })

  test('another thread of this process is refused too', async () => {
    const path = lockPath()
    lockProcess(path)
    const program = `
      const { parentPort, workerData } = require('node:worker_threads')
      import(workerData.moduleUrl).then(({ nodeEnv }) => {
        const { files } = nodeEnv()
        try { files.lockSync(workerData.path); parentPort.postMessage('held') }
        catch (error) { parentPort.postMessage(error.message) }
      })`
    const worker = new Worker(program, { eval: true, workerData: { moduleUrl, path } })
    const [answer] = await once(worker, 'message')
    expect(answer).toContain('(this process itself)')
  })

  test.runIf(process.platform === 'linux')('a dead process that nobody reaped is gone', async () => {
    // The child waits for a byte, which comes once its parent has become a program that reaps nobody.
    const parent = spawn('sh', ['-c', 'exec 3<&0; head -c 1 <&3 >&2 & echo $!; exec tail -f /dev/null'])
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [line] = await once(parent.stdout, 'data')
    const pid = Number(String(line))
    while (readFileSync(`/proc/${parent.pid}/comm`, 'latin1') !== 'tail\n') await turn(nodeClock())
    expect(seeProcess(pid, currentProcess())).toBeDefined()
    parent.stdin.write('x')
    // A lock that took the remains for a process would wait here for ever.
    while (seeProcess(pid, currentProcess())) await turn(nodeClock())
    expect(() => process.kill(pid, 0)).not.toThrow()
  })
})

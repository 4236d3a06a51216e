import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Chapter } from './scenario.ts'
import { administering } from './scenarios/admin-scenarios.ts'
import { consuming } from './scenarios/consume-scenarios.ts'
import { failing } from './scenarios/error-scenarios.ts'
import { grouping } from './scenarios/group-scenarios.ts'
import { producing } from './scenarios/produce-scenarios.ts'
import { tooling } from './scenarios/tool-scenarios.ts'

const run = promisify(execFile)

/** A client, and how to get a process that drives it. */
export interface Client {
  readonly name: string
  readonly chapters: readonly Chapter[]
  /**
   * Fetches and builds what it needs, by name, where that is missing.
   *
   * @returns the command line of its driver
   * @throws what is missing on this machine
   */
  prepare(): Promise<readonly string[]>
}

const everything = [producing, consuming, grouping, administering, failing]

/** A file or folder of the drivers. */
function driverPath(name: string): string {
  return fileURLToPath(new URL(`drivers/${name}`, import.meta.url))
}

/** Installs the packages of `package.json` beside this file, once. */
async function installPackages(): Promise<void> {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const isInstalled = await run('npm', ['ls', '--prefix', folder]).then(
    () => true,
    () => false,
  )
  if (!isInstalled) await run('npm', ['ci', '--prefix', folder])
}

async function nodeDriver(file: string): Promise<readonly string[]> {
  await installPackages()
  return [process.execPath, driverPath(file)]
}

/** Fetches Kafka's jars, which have the client in them. */
async function javaDriver(): Promise<readonly string[]> {
  const script = fileURLToPath(new URL('../kafka/kafka', import.meta.url))
  await run('javac', ['-version'])
  await run(script, ['lib'])
  return [script, 'run', driverPath('JavaDriver.java')]
}

/** kafka-python of the system's package manager. */
async function pythonDriver(): Promise<readonly string[]> {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
  await run(python, ['-c', 'import kafka'])
  return [python, driverPath('kafka_python.py')]
}

/** kcat is run anew for every call, by a driver in JavaScript. */
async function kcatDriver(): Promise<readonly string[]> {
  await run('kcat', ['-V'])
  return [process.execPath, driverPath('kcat.mjs')]
}

/** Fetches the module and its dependencies, and builds the driver. */
async function goDriver(): Promise<readonly string[]> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tidemark')
  const binary = join(cache, 'franz-go-driver')
  await mkdir(cache, { recursive: true })
  await run('go', ['build', '-o', binary, '.'], { cwd: driverPath('franz-go') })
  return [binary]
}

export const clients: readonly Client[] = [
  { name: 'kafkajs', chapters: everything, prepare: () => nodeDriver('kafkajs.mjs') },
  { name: 'Apache Kafka', chapters: [tooling], prepare: javaDriver },
  { name: 'Java', chapters: everything, prepare: javaDriver },
  { name: 'kcat', chapters: everything, prepare: kcatDriver },
  { name: 'kafka-python', chapters: everything, prepare: pythonDriver },
  { name: 'franz-go', chapters: everything, prepare: goDriver },
  { name: '@platformatic/kafka', chapters: everything, prepare: () => nodeDriver('platformatic.mjs') },
]

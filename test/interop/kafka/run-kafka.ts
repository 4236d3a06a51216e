import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe } from 'vitest'

/** The script that fetches Kafka's jars and runs them; it says of itself what it can do. */
export const kafkaScript = fileURLToPath(new URL('kafka', import.meta.url))

/** A Java program of ours beside this file. */
export function javaSource(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

/** Why Kafka cannot be run here; undefined when it can. */
export const kafkaMissing = findMissing()

function findMissing(): string | undefined {
  if (process.platform === 'win32') return 'the script that runs Kafka needs a POSIX shell'
  for (const command of ['java', 'javac'])
    if (spawnSync(command, ['-version']).status !== 0)
      return `there is no ${command}: install a JDK, 17 or later`
  const { status, stderr } = spawnSync(kafkaScript, ['lib'], { encoding: 'utf8' })
  return status === 0 ? undefined : `its jars could not be fetched: ${stderr.trim().slice(-500)}`
}

/** `describe` for tests that need a real Kafka. Without one they are skipped, and their title and a warning say why. */
export function describeWithKafka(name: string, body: () => void): void {
  if (kafkaMissing !== undefined) console.warn(`skipped: ${name}: ${kafkaMissing}`)
  const title = kafkaMissing === undefined ? name : `${name} (skipped: ${kafkaMissing})`
  describe.skipIf(kafkaMissing !== undefined)(title, body)
}

/** What a program printed. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a class of Kafka's by its full name, or a source file of ours by its path.
 *
 * @throws Error with what it printed when it fails
 */
export function runKafka(what: string, ...args: readonly string[]): Promise<Printed> {
  return promisify(execFile)(kafkaScript, ['run', what, ...args], { maxBuffer: 256 * 1024 * 1024 })
}

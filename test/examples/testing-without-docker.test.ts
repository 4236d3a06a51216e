import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { exampleFile } from './run-example.ts'

/** The example of a test is run as its reader runs it: in a project that has vitest, tidemark and kafkajs. */

const root = fileURLToPath(new URL('../../', import.meta.url))
const kafkajs = ['test/interop/clients/node_modules/kafkajs', 'test/examples/kafkajs'].map((path) =>
  join(root, path),
)

test('tests without Docker: with kafkajs where it is installed, else with our own client in its place', async () => {
  const project = projectWith({
    tidemark: root,
    vitest: join(root, 'node_modules/vitest'),
    kafkajs: kafkajs.find(existsSync) ?? '',
  })
  for (const file of ['order-service.mjs', 'order-service.test.mjs'])
    copyFileSync(exampleFile(file), join(project, file))

  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--root', project, '--testTimeout', '60000', '--reporter', 'json']
  const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, troubles] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (troubles += text))
  const [code] = (await once(child, 'close')) as [number]
  expect(code, output + troubles).toBe(0)
  expect(JSON.parse(output)).toMatchObject({ numPassedTests: 2, numFailedTests: 0 })
})

/** A directory of its own, in which these packages are installed. */
function projectWith(packages: Readonly<Record<string, string>>): string {
  const project = temporaryDirectory()
  mkdirSync(join(project, 'node_modules'))
  for (const [name, path] of Object.entries(packages)) symlinkSync(path, join(project, 'node_modules', name))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  return project
}

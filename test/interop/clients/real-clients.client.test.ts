import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../unit/env/temporary-directory.ts'
import { BrokerProcess } from './broker-process.ts'
import { type Client, clients } from './clients.ts'
import { Driver, NotOffered } from './driver.ts'
import type { Scenario } from './scenario.ts'

for (const client of clients) describe(client.name, () => tryClient(client))

function tryClient(client: Client): void {
  const { name: clientName, chapters } = client
  let broker: BrokerProcess
  let command: readonly string[] = []
  let missing: string | undefined
  let version = ''
  /** The driver that scenarios share; a new one after each that failed. */
  let shared: Driver | undefined

  beforeAll(async () => {
    broker = await BrokerProcess.start(temporaryDirectory())
    try {
      command = await client.prepare()
    } catch (error) {
      missing = (error as Error).message.trim().split('\n').slice(-3).join(' ')
      console.warn(`skipped: ${clientName}: ${missing}`)
    }
  })

  afterAll(async () => {
    await shared?.kill()
    expect(await broker.end()).toEqual([])
  })

  async function connect(): Promise<Driver> {
    const driver = new Driver(command)
    ;({ version } = await driver.call('hello', { bootstrap: broker.bootstrap }))
    return driver
  }

  async function perform(scenario: Scenario, name: string): Promise<void> {
    const started: Driver[] = []
    const another = async () => {
      const driver = await connect()
      started.push(driver)
      return driver
    }
    shared ??= await connect()
    try {
      await scenario.run({ broker, client: shared, name, another })
    } catch (error) {
      await shared.kill()
      shared = undefined
      throw error
    } finally {
      for (const driver of started) await driver.kill()
    }
  }

  for (const { title, scenarios } of chapters)
    for (const scenario of scenarios)
      test(`${title}: ${scenario.name}`, async (context) => {
        const { name, checks } = scenario
        const cell = { client: clientName, chapter: title, scenario: name, checks }
        context.task.meta.cell = { ...cell, version }
        if (missing !== undefined) context.skip(`not run: ${missing}`)
        try {
          await perform(scenario, `${title}-${name}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'))
        } catch (error) {
          if (!(error instanceof NotOffered)) throw error
          context.skip(`not offered: ${error.message}`)
        } finally {
          context.task.meta.cell = { ...cell, version }
        }
      })
}

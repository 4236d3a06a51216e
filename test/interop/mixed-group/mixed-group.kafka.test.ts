import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrokerProcess } from '../../torture/broker-process.ts'
import { temporaryDirectory } from '../../unit/env/temporary-directory.ts'
import { Broker } from '../kafka/broker.ts'
import { describeWithKafka } from '../kafka/run-kafka.ts'
import { type MixedGroupTask, rebalanceMixedGroup } from './mixed-group.ts'

/** `npm run test:group` makes a hundred of each; the seed is `TIDEMARK_SEED`. */
const { TIDEMARK_REBALANCES: longCount } = process.env
const rebalanceCount = Number(longCount ?? 6)
const seed = Number(process.env['TIDEMARK_SEED'] ?? 1)
const timeout = 900_000 + 15_000 * rebalanceCount

interface RunningBroker {
  readonly bootstrap: string
  stop(): Promise<void>
}

const brokers: Readonly<Record<string, () => Promise<RunningBroker>>> = {
  async Tidemark() {
    const properties = { 'group.min.session.timeout.ms': '1000', 'group.initial.rebalance.delay.ms': '0' }
    const broker = BrokerProcess.start({ directory: join(temporaryDirectory(), 'data'), properties })
    const ready = await broker.ready
    if (ready === undefined) throw new Error(broker.failure)
    return { bootstrap: ready.bootstrap, stop: () => broker.kill() }
  },
  async 'Apache Kafka'() {
    const broker = await Broker.start(temporaryDirectory(), 'group.min.session.timeout.ms=1000')
    return { bootstrap: broker.address, stop: () => broker.kill() }
  },
}

describeWithKafka('a group of our members and of those of the Java client', () => {
  for (const [name, start] of Object.entries(brokers))
    describe(`at ${name}`, () => {
      let broker: RunningBroker | undefined
      beforeAll(async () => {
        broker = await start()
      })
      afterAll(() => broker?.stop())

      const run = async (task: Pick<MixedGroupTask, 'assignor' | 'killOneIn'>) => {
        const group = `${task.assignor}-${task.killOneIn}`
        const given = { ...task, name: group, bootstrap: broker?.bootstrap ?? '', rebalanceCount, seed }
        const outcome = await rebalanceMixedGroup(given)
        console.info(`${name}, ${group}, seed ${seed}: ${JSON.stringify(outcome)}`)
        return outcome
      }
      const fine = {
        lostCount: 0,
        needless: [],
        overlaps: [],
        forfeited: [],
        failures: [],
        uncommittedCount: 0,
      }

      for (const assignor of ['range', 'cooperative-sticky'] as const) {
        test(`${assignor}: who leaves takes nothing along, and has committed what it has read`, {
          timeout,
        }, async () => {
          const outcome = await run({ assignor, killOneIn: 0 })
          expect(outcome).toMatchObject(fine)
        })

        // The dead are waited for, so that the short form has them once only.
        if (longCount === undefined && (name !== 'Tidemark' || assignor !== 'range')) continue
        test(`${assignor}: the partitions of who is killed go to others`, { timeout }, async () => {
          const outcome = await run({ assignor, killOneIn: 2 })
          expect(outcome).toMatchObject(fine)
          expect(outcome.killCount).toBeGreaterThan(0)
        })
      }
    })
})

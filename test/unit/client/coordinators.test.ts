import { describe, expect, test } from 'vitest'
import { orAborted } from '../../../src/client/cluster/retry.ts'
import type { FindCoordinatorRequest } from '../../../src/wire/messages/10-find-coordinator.ts'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { turn } from '../../../src/env/turn.ts'
import { until } from './fake-broker.ts'
import { clientOf } from './scripted-client.ts'

const found = { nodeId: 2, host: 'b', port: 2, errorCode: 0, errorMessage: null }

/** A client, what brokers were asked, and a gate before their answers: closed until it is opened. */
function finders(version?: number) {
  const asked: string[] = []
  const refused = new Map<string, number>()
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const FindCoordinator = async ({ key, keyType, coordinatorKeys }: FindCoordinatorRequest) => {
    asked.push([keyType, key, ...coordinatorKeys].join(' '))
    await gate
    const told = (each: string) => ({ ...found, errorCode: refused.get(each) ?? 0 })
    const coordinators = coordinatorKeys
      .filter((each) => each !== 'unheard')
      .map((each) => ({ key: each, ...told(each) }))
    return coordinatorKeys.length > 0 ? { coordinators } : told(key)
  }
  const given = version === undefined ? {} : { version }
  return { ...clientOf({ FindCoordinator }, given), asked, refused, open }
}

describe('coordinators', () => {
  test('of one turn are asked for at once, groups and transactional ids apart', async () => {
    const { client, asked, open } = finders()
    open()
    await Promise.all([
      ...['g', 'h', 'g'].map((group) => client.link({ group })),
      client.link({ transactionalId: 'g' }),
    ])
    expect(asked.toSorted()).toEqual(['0  g h', '1  g'])
    await client.link({ group: 'h' })
    expect(asked).toHaveLength(2)
  })

  test('are asked for one by one where the broker takes no more, and each once', async () => {
    const { client, asked, open } = finders(3)
    open()
    await Promise.all(['g', 'h', 'g'].map((group) => client.link({ group })))
    expect(asked.toSorted()).toEqual(['0 g', '0 h'])
  })

  test('that are being asked for are asked for by nobody else; who gives up does so alone', async () => {
    const { client, asked, open } = finders()
    const abort = new AbortController()
    const first = client.link({ group: 'g' }, { signal: abort.signal })
    await until(() => asked.length === 1)
    const second = client.link({ group: 'g' })
    abort.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    const third = client.link({ group: 'g' })
    open()
    expect(await second).toBe(await third)
    expect(asked).toEqual(['0  g'])
  })

  test('that cannot be told fail alone, and are asked for again', async () => {
    const { client, asked, refused, open } = finders()
    refused.set('h', 30)
    open()
    const [g, h, none] = ['g', 'h', 'unheard'].map((group) => client.link({ group }))
    await expect(h).rejects.toMatchObject({ kafkaName: 'GROUP_AUTHORIZATION_FAILED' })
    await expect(none).rejects.toThrow("the coordinator of group 'unheard'")
    expect((await g)?.isOpen).toBe(true)
    refused.clear()
    await client.link({ group: 'h' })
    expect(asked).toEqual(['0  g h unheard', '0  h'])
  })

  test('fail together when the connection is lost, and nothing of it stays', async () => {
    const { client, transport, asked, open } = finders()
    const links = ['g', 'h'].map((group) => client.link({ group }))
    await until(() => asked.length === 1)
    client.close()
    open()
    await until(() => transport.links.every(({ isOpen }) => !isOpen))
    for (const link of links) await expect(orAborted(link, undefined)).rejects.toThrow()
  })
})

describe('brokers', () => {
  test('are asked for once by all that need them at once', async () => {
    const { client, transport } = clientOf({})
    await Promise.all([client.link({ nodeId: 1 }), client.link({ nodeId: 2 }), client.link('controller')])
    for (const nodeId of [1, 2]) client.doubt({ nodeId })
    await Promise.all([client.link({ nodeId: 1 }), client.link({ nodeId: 2 })])
    expect(transport.log.filter((line) => line.startsWith('Metadata'))).toHaveLength(2)
  })
})

describe('who has given up', () => {
  test('is not connected when what was looked for is found', async () => {
    let answer = (): void => {}
    const gate = new Promise<void>((resolve) => (answer = resolve))
    const { client, transport } = clientOf({
      FindCoordinator: async ({ coordinatorKeys }: FindCoordinatorRequest) => {
        await gate
        return { coordinators: coordinatorKeys.map((key) => ({ key, ...found })) }
      },
    })
    const abort = new AbortController()
    const link = client.link({ group: 'g' }, { purpose: 'group', signal: abort.signal })
    const other = client.link({ group: 'g' })
    await until(() => transport.log.includes('FindCoordinator a:1'))
    abort.abort(new Error('enough'))
    client.release('group')
    answer()
    await expect(link).rejects.toThrow('enough')
    await other
    expect(transport.log.filter((line) => line === 'connect b:2')).toHaveLength(1)
    const never = client.link({ group: 'g' }, { purpose: 'group', signal: abort.signal })
    await expect(never).rejects.toThrow('enough')
    const connects = () => transport.log.filter((line) => line.startsWith('connect')).length
    const before = connects()
    const any = client.link('any', { purpose: 'group', signal: abort.signal })
    await expect(any).rejects.toThrow('enough')
    expect(connects()).toBe(before)
    client.close()
    // Nobody hears of it, and nobody has to: an unhandled rejection would fail the test.
    const forgotten = new AbortController()
    const unheard = client.link({ group: 'h' }, { signal: forgotten.signal })
    forgotten.abort(new Error('enough'))
    await expect(unheard).rejects.toThrow('enough')
    await turn(nodeClock())
    expect(transport.log.filter((line) => line === 'connect b:2')).toHaveLength(1)
  })
})

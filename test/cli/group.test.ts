import { expect, test } from 'vitest'
import { rpc } from '../../src/client/network/rpc.ts'
import { joinGroupRequest, joinGroupResponse } from '../../src/wire/messages/11-join-group.ts'
import { syncGroupRequest, syncGroupResponse } from '../../src/wire/messages/14-sync-group.ts'
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../src/wire/records/consumer-protocol.ts'
import { encodeVersioned } from '../../src/wire/versioned.ts'
import { ServedCluster } from './served-cluster.ts'
import { tidemark } from './tidemark.ts'

const joinGroupApi = rpc(joinGroupRequest, joinGroupResponse)
const syncGroupApi = rpc(syncGroupRequest, syncGroupResponse)

/** Lets a consumer that is assigned `orders-0` join `group`; resolves to its member id. */
async function join({ client }: ServedCluster, group: string): Promise<string> {
  const subscription = encodeVersioned(consumerProtocolSubscription, 1, { topics: ['orders'] })
  const request = {
    ...{ groupId: group, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, protocolType: 'consumer' },
    protocols: [{ name: 'range', metadata: subscription }],
  }
  const first = await client.call({ group }, joinGroupApi, { ...request, memberId: '' })
  const { memberId, generationId } = await client.call({ group }, joinGroupApi, {
    ...request,
    memberId: first.memberId,
  })
  const assignment = encodeVersioned(consumerProtocolAssignment, 1, {
    assignedPartitions: [{ topic: 'orders', partitions: [0] }],
  })
  const synced = await client.call({ group }, syncGroupApi, {
    ...{ groupId: group, generationId, memberId, protocolType: 'consumer', protocolName: 'range' },
    assignments: [{ memberId, assignment }],
  })
  expect(synced.errorCode).toBe(0)
  return memberId
}

test('offsets are reset in all the ways there are, and only when --execute says so', async () => {
  const cluster = await ServedCluster.start()
  await cluster.print('topic', 'create', 'orders', '-p', '2', '-c', 'retention.ms=-1')
  for (const timestamp of [1000, 2000, 3000, 4000]) await cluster.produce('orders', 0, [timestamp])
  const reset = (...args: string[]) =>
    cluster.json('group', 'reset-offsets', 'billing', '--topic', 'orders:0', ...args)
  const committed = async () => (await cluster.json('group', 'describe', 'billing'))[0]

  const dry = await cluster.run('group', 'reset-offsets', 'billing', '-t', 'orders', '--to-latest')
  expect(dry).toEqual({
    exitCode: 0,
    stdout: 'orders-0: none -> 4\norders-1: none -> 0\n',
    stderr: 'nothing was changed: this was a dry run, --execute does it\n',
  })
  expect(await cluster.print('group', 'list')).toBe('')

  expect(await reset('--to-offset', '3', '--execute')).toEqual([
    {
      ...{ group: 'billing', topic: 'orders', partition: 0, isDryRun: false },
      ...{ oldOffset: null, newOffset: 3, isClamped: false },
    },
  ])
  expect(await committed()).toMatchObject({
    ...{ group: 'billing', state: 'Empty', members: [], lag: 1 },
    partitions: [{ topic: 'orders', partition: 0, committedOffset: 3, endOffset: 4, lag: 1, memberId: null }],
  })
  for (const [args, offset] of [
    [['--to-earliest'], 0],
    [['--to-latest'], 4],
    [['--shift-by', '-3'], 1],
    [['--shift-by', '2'], 3],
    [['--shift-by', '20'], 4],
    [['--to-datetime', '1970-01-01T00:00:01.500Z'], 1],
    [['--to-datetime', '3000'], 2],
    [['--by-duration', 'PT1H'], 4],
    [['--to-offset', '99'], 4],
  ] as const) {
    expect(await reset(...args, '--execute'), args.join(' ')).toMatchObject([{ newOffset: offset }])
    expect(await committed()).toMatchObject({ partitions: [{ committedOffset: offset, lag: 4 - offset }] })
  }
  expect(await reset('--to-earliest')).toMatchObject([{ isDryRun: true, oldOffset: 4, newOffset: 0 }])
  expect(await committed()).toMatchObject({ lag: 0 })
  expect(
    await cluster.print('group', 'reset-offsets', 'billing', '--all-topics', '--to-earliest', '--execute'),
  ).toBe('orders-0: 4 -> 0\n')

  const shift = await cluster.run('group', 'reset-offsets', 'billing', '-t', 'orders:1', '--shift-by', '1')
  expect(shift.exitCode).toBe(1)
  expect(shift.stderr).toContain('orders-1: the group has committed no offset there to shift from')
})

test('groups are listed and described with members and lag, and kept from change while somebody is in', async () => {
  const cluster = await ServedCluster.start()
  await cluster.print('topic', 'create', 'orders')
  await cluster.produce('orders', 0, [1, 2, 3])
  await cluster.print('group', 'reset-offsets', 'billing', '-t', 'orders', '--to-offset', '1', '--execute')
  const memberId = await join(cluster, 'billing')
  await cluster.print('group', 'reset-offsets', 'idle', '-t', 'orders', '--to-latest', '--execute')

  expect(await cluster.json('group', 'list')).toEqual([
    { group: 'billing', state: 'Stable', type: 'classic', protocolType: 'consumer', coordinator: 1 },
    { group: 'idle', state: 'Empty', type: 'classic', protocolType: '', coordinator: 1 },
  ])
  expect(await cluster.print('group', 'list', '--state', 'empty', '-q')).toBe('idle\n')
  expect(await cluster.print('group', 'describe', 'billing', '--members')).toBe(
    'billing: Stable, 1 member, protocol range, lag 2\n' +
      '  TOPIC   PARTITION  COMMITTED  END  LAG  MEMBER\n' +
      '  orders          0          1    3    2  tidemark (127.0.0.1)\n' +
      `  ${'MEMBER'.padEnd(memberId.length)}  CLIENT    HOST       PARTITIONS\n` +
      `  ${memberId}  tidemark  127.0.0.1  orders-0\n`,
  )
  expect(await cluster.json('group', 'describe')).toMatchObject([
    { group: 'billing', lag: 2 },
    { group: 'idle' },
  ])

  const refused =
    "tidemark: group 'billing': it is Stable, with members that would commit over it: stop them first"
  const reset = await cluster.run(
    'group',
    'reset-offsets',
    'billing',
    '-t',
    'orders',
    '--to-latest',
    '--execute',
  )
  expect(reset).toMatchObject({ exitCode: 1, stdout: '' })
  expect(reset.stderr).toContain(refused)
  expect(await cluster.run('group', 'delete', 'billing', 'idle', 'bilings')).toEqual({
    exitCode: 1,
    stdout: "group 'idle': deleted\n",
    stderr:
      "tidemark: group 'billing': it has members: stop them first [NON_EMPTY_GROUP]\n" +
      "tidemark: group 'bilings': there is no such group [GROUP_ID_NOT_FOUND]. Did you mean 'billing'?\n",
  })
  expect(await cluster.print('group', 'delete', 'idle', '--if-exists')).toBe("group 'idle': does not exist\n")
  expect(await cluster.json('group', 'describe')).toMatchObject([{ group: 'billing', lag: 2 }])
})

test('options that make no sense are refused before anybody is asked', async () => {
  for (const [args, said] of [
    [['--to-latest'], 'say which topics'],
    [['--to-latest', '--all-topics', '--topic', 'orders'], 'say which topics'],
    [['--all-topics'], 'say where to, once: one of --to-earliest'],
    [['--all-topics', '--to-latest', '--shift-by', '3'], 'say where to, once'],
    [['--topic', 'orders:x', '--to-latest'], "'orders:x' must be TOPIC"],
    [['--topic', 'orders', '--to-latest', '--execute', '--dry-run'], 'cannot be used with'],
    [['--topic', 'orders', '--shift-by', 'x'], 'such as 10 or -10'],
  ] as const) {
    const { exitCode, stdout, stderr } = await tidemark(['group', 'reset-offsets', 'g', ...args])
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(said)
  }
})

test('--help of every command has examples', async () => {
  for (const command of ['list', 'describe', 'delete', 'reset-offsets']) {
    const { exitCode, stdout } = await tidemark(['group', command, '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`\n  tidemark group ${command}`)
  }
})

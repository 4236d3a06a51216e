// Members of groups with our client. Run as: node group-members.mjs LIBRARY. It is told what to do on stdin, and tells on stdout what
// happens, as GroupMembers.java does it with the Java client.
import { createInterface } from 'node:readline'

const [library] = process.argv.slice(2)
const { Tidemark } = await import(library)
const leaving = new Map()

for await (const line of createInterface({ input: process.stdin })) {
  const [what, member, ...rest] = line.split(' ')
  if (what === 'leave') leaving.get(member).abort()
  else
    run(member, ...rest).catch((error) =>
      console.log([member, Date.now(), 'failed', error.message].join(' ')),
    )
}

async function run(member, bootstrap, groupId, topic, assignor, sessionTimeoutMs) {
  const say = (what, ...rest) => console.log([member, Date.now(), what, ...rest].join(' '))
  const numbersOf = (partitions) => partitions.map(({ partition }) => partition)
  const { signal } = register(member)
  const tidemark = await Tidemark.connect(bootstrap)
  const consumer = tidemark.consumer({
    ...{ groupId, topics: [topic], assignors: [assignor], sessionTimeoutMs: Number(sessionTimeoutMs) },
    ...{ heartbeatIntervalMs: 200, autoCommitIntervalMs: 200, fetchMaxWaitMs: 100 },
    autoOffsetReset: 'earliest',
    onAssigned: (partitions) =>
      say('assigned', consumer.groupMetadata().generationId, ...numbersOf(partitions)),
    onRevoked: (partitions) => say('revoked', ...numbersOf(partitions)),
    onLost: (partitions) => say('lost', ...numbersOf(partitions)),
  })
  try {
    for await (const { partition, offset } of consumer.records({ signal })) {
      say('read', partition, offset)
      // Now and then one takes time, and a rebalance finds it in hand.
      if (offset % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 3))
    }
  } catch (error) {
    if (!signal.aborted) say('failed', error.message)
  }
  await tidemark.close()
  say('left')
}

function register(member) {
  const controller = new AbortController()
  leaving.set(member, controller)
  return controller
}

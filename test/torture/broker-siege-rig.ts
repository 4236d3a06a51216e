import { besiegeBroker, type SiegeOutcome, type SiegeTask } from './broker-siege.ts'
import type { Rig, RigReport, RigTask } from './rig.ts'

const mebibyte = 1024 * 1024
const ratioMax = 2
const besiegers = { idle: 5000, slow: 500, tls: 200, deaf: 50 }

/** By turns: as a broker is started by itself, and with the limits of connections lifted. */
const sieges: readonly (SiegeTask & { readonly name: string })[] = [
  // From one address.
  { name: 'default limits', besiegers, properties: {}, connectionCount: 512, riseBytesMax: 64 * mebibyte },
  {
    name: 'no limits of connections',
    besiegers,
    properties: {
      'max.connections': '100000',
      'max.connections.per.ip': '100000',
      'max.connection.creation.rate': '100000',
    },
    riseBytesMax: 64 * mebibyte,
  },
]

/** Thousands of clients that mean ill, beside an honest one. */
export const siegeRig: Rig = {
  name: 'siege',
  subject: 'served brokers besieged: thousands idle, hundreds slow, some that never read',
  share: 4,
  async run({ seed, isOver, say }: RigTask): Promise<RigReport> {
    const outcomes: SiegeOutcome[] = []
    let findingCount = 0
    for (let index = seed; !isOver(); index++) {
      const siege = sieges[index % sieges.length] as (typeof sieges)[number]
      const outcome = await besiegeBroker(siege)
      outcomes.push(outcome)
      const faults = faultsOf(siege, outcome)
      findingCount += faults.length
      say(`siege, ${siege.name}: ${describe(outcome)}${faults.map((fault) => `; FAULT: ${fault}`).join('')}`)
    }
    const ratios = outcomes.map(({ ratio }) => ratio.toFixed(2))
    const rises = outcomes.map(({ riseBytes }) => (riseBytes / mebibyte).toFixed(0))
    return {
      tryCount: outcomes.length,
      findingCount,
      summary: `p99 at ${ratios.join(', ')} of that in peace; memory grew by ${rises.join(', ')} MiB`,
      isComplete: false,
    }
  },
}

function faultsOf({ connectionCount, riseBytesMax }: SiegeTask, outcome: SiegeOutcome): string[] {
  return [
    outcome.ratio > ratioMax ? `the honest client waits ${outcome.ratio.toFixed(2)} times as long` : '',
    outcome.riseBytes > riseBytesMax ? `memory grew by more than ${riseBytesMax / mebibyte} MiB` : '',
    outcome.connectionCount === (connectionCount ?? outcome.connectionCount)
      ? ''
      : `${connectionCount} connections were to be admitted`,
    outcome.slowLeft > 0 ? `${outcome.slowLeft} slow ones are still connected` : '',
  ].filter((fault) => fault !== '')
}

function describe(outcome: SiegeOutcome): string {
  const { calmP99Ms, besiegedP99Ms, besideP99Ms, ratio, riseBytes, connectionCount } = outcome
  return [
    `p99 ${besiegedP99Ms.toFixed(2)} ms, beside it ${besideP99Ms.toFixed(2)} ms, ratio ${ratio.toFixed(2)}`,
    `before it ${calmP99Ms.toFixed(2)} ms`,
    `${connectionCount} connected at most`,
    `memory grew by ${(riseBytes / mebibyte).toFixed(1)} MiB`,
  ].join('; ')
}

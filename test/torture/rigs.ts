import { bitFlips } from '../crash/bit-flips.ts'
import { cuttings } from '../crash/cuttings.ts'
import { faultPoints } from '../crash/fault-points.ts'
import { randomCrashes } from '../crash/random-crashes.ts'
import { groupLives } from '../property/groups-lives.ts'
import { siegeRig } from './broker-siege-rig.ts'
import type { Rig } from './rig.ts'
import { simulatedRig } from './simulated-rig.ts'
import { statesRig } from './states-rig.ts'
import { trialRig } from './trial-rig.ts'
import type { Workbench } from './workbench.ts'

/** Every rig, those first that come to an end: what time they leave goes to the others. */
export function allRigs(bench: Workbench): readonly Rig[] {
  return [
    simulatedRig(faultPoints, 'each call of the file system fails once, or from then on', 6),
    statesRig,
    simulatedRig(cuttings, 'a segment of 1 MiB cut at each of its bytes', 12),
    simulatedRig(bitFlips, 'any bit of any file flipped, after a clean stop and after a kill', 8),
    simulatedRig(groupLives, 'lives of consumer groups whose members and coordinators come and go', 4),
    simulatedRig(randomCrashes, 'random operations and crashes against a model', 8),
    trialRig(
      {
        ...{ name: 'full', subject: 'real disks that are full', share: 4 },
        rounds: ['full'],
      },
      bench,
    ),
    trialRig(
      {
        ...{ name: 'kills', subject: 'real processes killed', share: 6 },
        rounds: ['kills sync', 'kills interval', 'kills os'],
      },
      bench,
    ),
    trialRig(
      {
        ...{ name: 'broker', subject: 'real brokers killed, producers and groups over TCP', share: 6 },
        rounds: ['broker sync', 'broker interval', 'broker os'],
      },
      bench,
    ),
    siegeRig,
    trialRig({ name: 'cuts', subject: 'real power cuts', share: 16, rounds: cutRounds }, bench),
  ]
}

/** The promise that costs most is tried most. */
const cutRounds = [
  ...['cuts ext4 sync', 'cuts xfs sync', 'cuts ext4 interval', 'cuts ext4 sync', 'cuts xfs sync'],
  ...['cuts xfs interval', 'cuts ext4 sync', 'cuts ext4 os', 'cuts xfs sync', 'cuts xfs os'],
]

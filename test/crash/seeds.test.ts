import { expect, test } from 'vitest'
import { groupLives } from '../property/groups-lives.ts'
import { readSeeds } from '../torture/seed-file.ts'
import { bitFlips } from './bit-flips.ts'
import { cuttings } from './cuttings.ts'
import { faultPoints } from './fault-points.ts'
import { randomCrashes } from './random-crashes.ts'
import { crashStates } from './crash-states.ts'

const rigs = [bitFlips, crashStates, cuttings, faultPoints, groupLives, randomCrashes]

test('no case that once failed fails again', async () => {
  for (const line of readSeeds('simulated')) {
    const rig = rigs.find(({ name }) => line.startsWith(`${name} `))
    expect(rig, `the first word of "${line}" is no rig`).toBeDefined()
    await expect(rig?.tryCase(line), line).resolves.toBeTruthy()
  }
})

test.each([
  'faults appending under sync; write EIO at 2; kill',
  'faults rolling; write short:200,ENOSPC from 3 on; power cut',
  'flips variety clean 00000000000000000000.log 700',
  'cutting 70000',
  'groups 3',
  'model 3',
  'states sync nothing: append, close',
])('a case is one line: %s', async (line) => {
  const rig = rigs.find(({ name }) => line.startsWith(`${name} `))
  expect(await rig?.tryCase(line)).toBeTruthy()
})

test.each(rigs)('what is no case of $name is refused', async (rig) => {
  await expect(rig.tryCase(`${rig.name} nonsense`)).rejects.toThrow(RangeError)
})

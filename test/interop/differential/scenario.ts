import { apiKeys } from '../../../src/wire/api-keys.ts'
import { Dialogue, type Exchange } from './dialogue.ts'
import { type Difference, differences, type Told } from './difference.ts'

/** What is said to a broker, and to the other one just so. */
export interface Scenario {
  readonly name: string
  play(dialogue: Dialogue): Promise<void>
}

/** What both said. */
export interface Played {
  readonly exchanges: readonly Exchange[]
  readonly differences: readonly Difference[]
}

/** All versions of an API that clients may use, oldest first. */
export function versionsOf(name: string): number[] {
  const api = apiKeys.find((each) => each.name === name)
  if (api === undefined) throw new RangeError(`there is no API named ${name}`)
  return Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, index) => api.minVersion + index)
}

/** Plays a scenario to two brokers at once and holds what they answer side by side. */
export async function playTwice(scenario: Scenario, kafkaPort: number, ourPort: number): Promise<Played> {
  const [kafka, ours] = await Promise.all([play(scenario, kafkaPort), play(scenario, ourPort)])
  return { exchanges: kafka.exchanges, differences: differences(scenario.name, kafka, ours) }
}

async function play(scenario: Scenario, port: number): Promise<Told> {
  using dialogue = new Dialogue(port, scenario.name.replaceAll(' ', '-'))
  await scenario.play(dialogue)
  return dialogue
}

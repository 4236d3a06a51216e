import { nearestName } from '../../base/nearest-name.ts'
import { type FormatName, formatNames } from './formats.ts'

/** One choice for each topic, by its name, and one for all others. */
export type PerTopic<Choice> = { readonly [topic: string]: Choice } & {
  /** For topics that are not named. Default: `bytes`. */
  readonly default?: Choice
}

type Conversion<In, Out> = (
  input: In,
  context: { readonly topic: string; readonly part: 'key' | 'value' },
) => Out

/**
 * The one function behind an option: a format's name, a function, or one of these per topic.
 *
 * @param find the function of a format, `undefined` if there is no such format
 * @throws TypeError naming `optionName` when it is none of these
 */
export function choosePerTopic<F extends Conversion<never, unknown>>(
  option: FormatName | F | PerTopic<FormatName | F> | undefined,
  optionName: string,
  find: (name: string) => F | undefined,
): F {
  if (typeof option !== 'object' || option === null) return chooseOne(option ?? 'bytes', optionName, find)
  const chosen = new Map(
    Object.entries(option).map(([topic, each]) => [
      topic,
      chooseOne<F>(each, `${optionName}[${JSON.stringify(topic)}]`, find),
    ]),
  )
  const otherwise = chosen.get('default') ?? chooseOne('bytes', optionName, find)
  const perTopic: Conversion<never, unknown> = (input, context) =>
    (chosen.get(context.topic) ?? otherwise)(input, context)
  return perTopic as F
}

function chooseOne<F>(choice: FormatName | F, optionName: string, find: (name: string) => F | undefined): F {
  if (typeof choice === 'function') return choice
  const found = typeof choice === 'string' ? find(choice) : undefined
  if (found !== undefined) return found
  const meant = typeof choice === 'string' ? nearestName(choice, formatNames) : undefined
  const names = formatNames.map((name) => `'${name}'`).join(', ')
  throw new TypeError(
    `${optionName} must be a function, or one of ${names}; got ${typeof choice === 'string' ? `'${choice}'` : typeof choice}${
      meant === undefined ? '' : `. Did you mean '${meant}'?`
    }`,
  )
}

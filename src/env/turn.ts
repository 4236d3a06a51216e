import type { Clock } from './env.ts'

/** Resolves once the current turn of the event loop is over: {@link Clock.nextTurn} to await. */
export function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.nextTurn(resolve))
}

import { CommanderError } from 'commander'
import { commandLine } from './commands.ts'
import { explainFailure } from './failure.ts'
import { Session } from './session.ts'

/** Runs the command that `args` name and returns the exit code of the process. Failures are told on stderr. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const session = new Session()
  const failure = await attempt(session, args)
  // A stop is what happened, whatever error it surfaced as on its way up.
  const { exitCode, message } = explainFailure(session.stopReason ?? failure)
  session.close()
  if (message !== undefined) session.report(message)
  return exitCode === 0 ? session.exitCode : exitCode
}

async function attempt(session: Session, args: readonly string[]): Promise<unknown> {
  try {
    const program = await commandLine(session, args)
    await program.parseAsync(args, { from: 'user' })
    await session.output.end()
    return undefined
  } catch (error) {
    // What a command printed before it failed still belongs to its output.
    if (!(error instanceof CommanderError)) await session.output.end().catch(() => undefined)
    return error
  }
}

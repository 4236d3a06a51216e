import { Command } from 'commander'
import { packageVersion } from './package-root.ts'
import type { Session } from './session.ts'

/** What the file of a command exports. */
interface CommandModule {
  /** Gives `command` its arguments, options, examples and action. */
  define(command: Command, session: Session): void
}

interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

const topCommands: readonly CommandEntry[] = [
  {
    name: 'quickstart',
    summary: 'see it work: append, read, kill a writer, recover, measure',
    load: () => import('./quickstart.ts'),
  },
  {
    name: 'serve',
    summary: 'run a broker that Kafka clients connect to',
    load: () => import('./serve.ts'),
  },
  { name: 'produce', summary: 'send lines of stdin to a topic', load: () => import('./produce.ts') },
  { name: 'consume', summary: 'print the records of topics', load: () => import('./consume.ts') },
  {
    name: 'mirror',
    summary: 'copy topics from one cluster or directory to another',
    load: () => import('./mirror.ts'),
  },
]

const logCommands: readonly CommandEntry[] = [
  { name: 'append', summary: 'append lines of stdin to a log', load: () => import('./append.ts') },
  { name: 'read', summary: 'print the records of a log', load: () => import('./read.ts') },
  { name: 'tail', summary: 'print the last records and those to come', load: () => import('./tail.ts') },
  { name: 'dump', summary: 'show what is in the files, byte by byte', load: () => import('./dump.ts') },
  { name: 'verify', summary: 'check every byte of a log', load: () => import('./verify.ts') },
  { name: 'repair', summary: 'make a damaged log readable again', load: () => import('./repair.ts') },
  { name: 'stats', summary: 'what a log holds and costs', load: () => import('./stats.ts') },
]

const topicCommands: readonly CommandEntry[] = [
  { name: 'create', summary: 'create topics', load: () => import('./topic/create.ts') },
  { name: 'list', summary: 'list topics', load: () => import('./topic/list.ts') },
  {
    name: 'describe',
    summary: 'show partitions, leaders, offsets and configs',
    load: () => import('./topic/describe.ts'),
  },
  { name: 'alter', summary: 'add partitions, set configs', load: () => import('./topic/alter.ts') },
  {
    name: 'delete',
    summary: 'delete topics with all their records',
    load: () => import('./topic/delete.ts'),
  },
  { name: 'trim', summary: 'delete the records before an offset', load: () => import('./topic/trim.ts') },
]

const groupCommands: readonly CommandEntry[] = [
  { name: 'list', summary: 'list consumer groups', load: () => import('./group/list.ts') },
  {
    name: 'describe',
    summary: 'show members, offsets and lag',
    load: () => import('./group/describe.ts'),
  },
  {
    name: 'delete',
    summary: 'delete groups that nobody is in',
    load: () => import('./group/delete.ts'),
  },
  {
    name: 'reset-offsets',
    summary: 'set where a group goes on',
    load: () => import('./group/reset-offsets.ts'),
  },
]

interface CommandFamily {
  readonly name: string
  readonly summary: string
  readonly commands: readonly CommandEntry[]
}

const families: readonly CommandFamily[] = [
  { name: 'topic', summary: 'work with the topics of a broker', commands: topicCommands },
  { name: 'group', summary: 'work with the consumer groups of a broker', commands: groupCommands },
  { name: 'log', summary: 'work with a log: a directory of segment files', commands: logCommands },
]

/**
 * The command line as far as `args` need it. Every command is known by name and summary, for the list of commands
 * and for "did you mean"; only those that `args` mention are loaded and defined, which keeps the start quick.
 */
export async function commandLine(session: Session, args: readonly string[]): Promise<Command> {
  const program = new Command('tidemark')
    .description('A durable, Kafka-compatible log for Node.js')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('Run it with --help to see what it takes.')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, 'tidemark:')) })
  await addCommands(program, topCommands, session, args)
  for (const { name, summary, commands } of families) {
    const family = program.command(name).description(summary)
    await addCommands(family, commands, session, args.includes(name) ? args : [])
  }
  return program
}

async function addCommands(
  parent: Command,
  entries: readonly CommandEntry[],
  session: Session,
  args: readonly string[],
): Promise<void> {
  for (const { name, summary, load } of entries) {
    const command = parent.command(name).description(summary)
    if (args.includes(name)) (await load()).define(command, session)
  }
}

// The `belfry` command: everything that can be asked of it, and how it ends.
import { Command, CommanderError } from 'commander'
import { version } from '../version.ts'
import { acknowledgeCommand } from './acknowledge.ts'
import { actCommands } from './acts.ts'
import { catalogCommands } from './catalog-commands.ts'
import { channelsCommand } from './channels.ts'
import { addCompletion } from './completion.ts'
import { databaseUrlCommand } from './database-url.ts'
import { doctorCommand } from './doctor.ts'
import { explainCommand } from './explain.ts'
import { Failed, tellError } from './failure.ts'
import { hooksCommand } from './hooks.ts'
import { listenCommand } from './listen.ts'
import { importCommand } from './import.ts'
import { keysCommand } from './keys.ts'
import { migrateCommand } from './migrate.ts'
import { configOf, examples, type JoinOptions } from './options.ts'
import { outliveReaders, say, styledWords } from './output.ts'
import { providersCommand } from './providers.ts'
import { schedulesCommand } from './schedules.ts'
import { sendCommand } from './send.ts'
import { sqlCommand } from './sql.ts'
import { startCommand } from './start.ts'
import { statsCommand } from './stats.ts'
import { tailCommand } from './tail.ts'
import { topCommand } from './top.ts'
import { triggerCommand } from './trigger.ts'
import { workerCommand } from './worker.ts'
import { workspacesCommand } from './workspaces.ts'

/** Every command with its options, as help, completion and the reference show them. */
export function createProgram(): Command {
  const program = new Command('belfry')
    .description('Say what happened; Belfry decides who hears about it, when and how.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText(
      'after',
      `${examples('belfry start', 'belfry send email ana@example.com "Hello"')}
\nSettings are BELFRY_* variables: docs/reference/config.md. Exit codes: 0, 1 it failed, 2 wrong usage.`,
    )
  const commands = [
    startCommand(),
    workerCommand(),
    migrateCommand(),
    keysCommand(),
    workspacesCommand(),
    sqlCommand(),
    databaseUrlCommand(),
    importCommand(),
    ...catalogCommands(),
    sendCommand(),
    triggerCommand(),
    ...actCommands(),
    acknowledgeCommand(),
    schedulesCommand(),
    channelsCommand(),
    providersCommand(),
    hooksCommand(),
    listenCommand(),
    explainCommand(),
    tailCommand(),
    statsCommand(),
    topCommand(),
    doctorCommand(),
  ]
  for (const command of commands) program.addCommand(command)
  addCompletion(program)
  for (const command of withChildren(program))
    command
      .exitOverride()
      .helpOption('-h, --help', 'show help')
      .showHelpAfterError(helpHint(command))
  return program
}

/** Runs one command. Never throws: what went wrong is on stderr and in the exit code. */
export async function run(argv: string[]): Promise<void> {
  outliveReaders()
  const program = createProgram()
  try {
    await program.parseAsync(withHelp(program, argv), { from: 'user' })
  } catch (error) {
    process.exitCode = tell(error, program)
  }
}

function tell(error: unknown, program: Command): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Failed) return error.exitCode
  const { text, exitCode } = tellError(error, givenConfig(program))
  say(`${styledWords('red', 'error:')} ${text}`)
  return exitCode
}

/** For the wording of database errors: they say which database was meant. */
function givenConfig(program: Command): ReturnType<typeof configOf> | Record<string, never> {
  try {
    return configOf(program.opts<JoinOptions>())
  } catch {
    return {} // the configuration itself is what was wrong
  }
}

/** A command that only groups others is a question about them. */
function withHelp(program: Command, argv: string[]): string[] {
  if (argv.length === 0) return ['--help']
  const group = program.commands.find((command) => command.name() === argv[0])
  return argv.length === 1 && group && group.commands.length > 0 ? [...argv, '--help'] : argv
}

function withChildren(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withChildren)]
}

function helpHint(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name())
  return `See: ${names.join(' ')} --help`
}

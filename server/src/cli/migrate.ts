// `belfry migrate`: brings the schema up to date, or says where it stands.
import { Argument, Command } from 'commander'
import { joinDatabase } from '../join.ts'
import { migrate, migrationStatus, type MigrationState } from '../sql/migrate.ts'
import { Failed } from './failure.ts'
import { configOf, examples, withJoinOptions, type JoinOptions } from './options.ts'
import { print, printJson, say, styled, table } from './output.ts'

export function migrateCommand(): Command {
  const command = new Command('migrate')
    .description('Bring the schema up to date. "belfry start" does this first, too.')
    .addArgument(
      new Argument('[status]', 'only say which migrations are missing; exit 1 if any is').choices([
        'status',
      ]),
    )
    .addHelpText(
      'after',
      examples('belfry migrate', 'belfry migrate status', 'belfry migrate status --json'),
    )
    .action((status: string | undefined, options: JoinOptions) =>
      status === undefined ? applyMissing(options) : showStatus(options),
    )
  return withJoinOptions(command)
}

async function applyMissing(options: JoinOptions): Promise<void> {
  await using joined = await joinDatabase(configOf(options))
  const applied = await migrate(joined.db, ({ name }, ms) =>
    say(`Applied ${name} in ${Math.round(ms)} ms`),
  )
  if (options.json) return printJson({ applied: applied.map(({ name }) => name) })
  if (applied.length === 0) say('The schema is current.')
}

async function showStatus(options: JoinOptions): Promise<void> {
  await using joined = await joinDatabase(configOf(options))
  const states = await migrationStatus(joined.db)
  const missing = states.filter(({ appliedAt }) => appliedAt === null)
  if (options.json) {
    const migrations = states.map(({ name, appliedAt }) => ({ name, applied_at: appliedAt }))
    printJson({ is_current: missing.length === 0, migrations })
  } else {
    print(table(states.map(cells)))
    say(
      missing.length === 0
        ? 'The schema is current.'
        : `${missing.length} to apply: belfry migrate`,
    )
  }
  if (missing.length > 0) throw new Failed()
}

function cells({ name, appliedAt }: MigrationState): string[] {
  return appliedAt === null
    ? [styled('yellow', '–'), name, 'not applied']
    : [styled('green', '✓'), name, `applied ${appliedAt.toISOString()}`]
}

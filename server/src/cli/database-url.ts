// `belfry database-url`: where the database is, for an application that keeps its tables beside Belfry's.
import { Command } from 'commander'
import { findDatabaseUrl } from '../join.ts'
import { configOf, examples, withJoinOptions, type JoinOptions } from './options.ts'
import { print, printJson } from './output.ts'

export function databaseUrlCommand(): Command {
  const command = new Command('database-url')
    .description(
      'Print the address of the database: BELFRY_DATABASE_URL, or that of the embedded one while a Belfry runs here.',
    )
    .option(
      '--role <role>',
      'log in as this role of the database; without its password, if it needs one',
    )
    .addHelpText(
      'after',
      examples(
        'belfry database-url',
        'DATABASE_URL=$(belfry database-url --role shop) node shop.js',
      ),
    )
    .action(showDatabaseUrl)
  return withJoinOptions(command)
}

async function showDatabaseUrl(options: JoinOptions & { role?: string }): Promise<void> {
  const found = await findDatabaseUrl(configOf(options))
  if (found === null)
    throw new Error('The embedded database runs while a Belfry does. Start one here: belfry start')
  const url = options.role === undefined ? found : logInAs(found, options.role)
  if (options.json) printJson({ url })
  else print(url)
}

/** Another role has another password. */
function logInAs(found: string, role: string): string {
  const address = URL.parse(found)
  if (!address?.host)
    throw new Error('BELFRY_DATABASE_URL names no host, or several: put the role in by hand.')
  for (const name of ['user', 'password']) address.searchParams.delete(name)
  address.username = encodeURIComponent(role)
  address.password = ''
  return address.href
}

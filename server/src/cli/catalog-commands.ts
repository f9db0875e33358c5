// The commands for configuration as files. What they do is loaded when one of them runs: other commands
// start without it.
import { Argument, Command } from 'commander'
import type { diff } from './diff.ts'
import type { lint } from './lint.ts'
import { examples, jsonOption, withWorkspaceOptions } from './options.ts'
import type { pull } from './pull.ts'
import type { push } from './push.ts'
import type { types } from './typescript.ts'

type Pull = typeof pull
type Diff = typeof diff
type Push = typeof push
type Lint = typeof lint
type Types = typeof types

export function catalogCommands(): Command[] {
  return [pullCommand(), diffCommand(), pushCommand(), lintCommand(), typesCommand()]
}

function pullCommand(): Command {
  const command = new Command('pull')
    .description('Write the configuration of a workspace into files.')
    .addArgument(folderArgument())
    .option('--force', 'overwrite files that were changed here, too')
    .addHelpText(
      'after',
      examples('belfry pull', 'belfry pull config/belfry --url https://notify.example.com'),
    )
    .action(async (...given: Parameters<Pull>) => (await import('./pull.ts')).pull(...given))
  return withCatalogOptions(command)
}

function diffCommand(): Command {
  const command = new Command('diff')
    .description('Show how the files differ from the server: - there, + here.')
    .addArgument(folderArgument())
    .option('--exit-code', 'exit with 1 if there is a difference')
    .addHelpText('after', examples('belfry diff', 'belfry diff --exit-code --json'))
    .action(async (...given: Parameters<Diff>) => (await import('./diff.ts')).diff(...given))
  return withCatalogOptions(command)
}

function pushCommand(): Command {
  const command = new Command('push')
    .description('Make the files of a catalog the configuration of a workspace: all or nothing.')
    .addArgument(folderArgument())
    .option('--dry-run', 'only say what would be changed')
    .option('--prune', 'delete what has no file')
    .option('--force', 'undo what was changed on the server since the last pull, too')
    .addHelpText(
      'after',
      examples(
        'belfry push --dry-run',
        'belfry push',
        'belfry push config/belfry --prune --url https://notify.example.com',
      ),
    )
    .action(async (...given: Parameters<Push>) => (await import('./push.ts')).push(...given))
  return withCatalogOptions(command)
}

function lintCommand(): Command {
  return new Command('lint')
    .description(
      'Check a catalog folder, without a server. Every problem comes with file and line.',
    )
    .addArgument(folderArgument())
    .addOption(jsonOption())
    .addHelpText('after', examples('belfry lint', 'belfry lint config/belfry --json'))
    .action(async (...given: Parameters<Lint>) => (await import('./lint.ts')).lint(...given))
}

function typesCommand(): Command {
  const command = new Command('types')
    .description('Write the parameters of all event types as TypeScript.')
    .argument('[folder]', 'a catalog (default: what the server has)')
    .option('--out <file>', 'where to (default: stdout)')
    .option('--check', 'only say whether the file is up to date; exit 1 if it is not')
    .addHelpText(
      'after',
      examples(
        'belfry types --out src/events.ts',
        'belfry types catalog --out src/events.ts --check',
      ),
    )
    .action(async (...given: Parameters<Types>) =>
      (await import('./typescript.ts')).types(...given),
    )
  return withCatalogOptions(command)
}

const folderArgument = () => new Argument('[folder]', 'where the catalog is').default('catalog')

function withCatalogOptions(command: Command): Command {
  return withWorkspaceOptions(command).option(
    '--url <url>',
    'the API of another Belfry, with the key in BELFRY_API_KEY (default: the database)',
  )
}

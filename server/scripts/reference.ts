// Writes docs/reference/config.md and docs/reference/cli.md from the table of settings and the
// definitions of the commands; --check tells whether the files are up to date.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import prettier from 'prettier'
import { createProgram } from '../src/cli/main.ts'
import { settings } from '../src/config.ts'

const folder = path.resolve(import.meta.dirname, '../../docs/reference')
const pages = { 'config.md': configPage(), 'cli.md': cliPage() }

for (const [name, text] of Object.entries(pages)) {
  const file = path.join(folder, name)
  const written = await readFile(file, 'utf8').catch(() => null)
  const formatted = await prettier.format(text, { parser: 'markdown' })
  if (written === formatted) continue
  if (process.argv.includes('--check')) {
    console.error(`docs/reference/${name} does not say what the program does.`)
    process.exitCode = 1
  } else {
    await writeFile(file, formatted)
    console.error(`docs/reference/${name} was written`)
  }
}

function configPage(): string {
  const rows = Object.values(settings).map(({ env, fallback, meaning }) => {
    const text = Array.isArray(fallback) ? fallback.join(',') : String(fallback ?? '')
    return `| \`${env}\` | ${text === '' ? '–' : `\`${text}\``} | ${meaning.replaceAll('|', '\\|')} |`
  })
  return `# Settings

Environment variables. A name that begins with \`BELFRY_\` and is not listed here stops the start with
the nearest known name; so does a value that cannot be read. An empty value counts as unset. Flags of
\`belfry start\` and options of \`createBelfry\` go before the environment.

| Name | Default | Meaning |
|---|---|---|
${rows.join('\n')}
`
}

function cliPage(): string {
  const program = createProgram()
  const commands = program.commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands : [command],
  )
  return `# The belfry command

From a clone it is \`npx belfry …\`. Commands need no key and no running server: they work on the
database, the embedded one or that of \`BELFRY_DATABASE_URL\`. Only \`import\` asks a running server, with
\`BELFRY_API_KEY\` or the key of the data directory. Data goes to stdout, words go to stderr;
\`--json\` prints JSON instead, one value per line. Colours are left out in pipes and with \`NO_COLOR\`.

| Exit code | |
|---|---|
| 0 | it worked |
| 1 | it failed, or \`doctor\` and \`migrate status\` found something |
| 2 | wrong usage: an unknown command, flag or setting, a value that cannot be read |
| 130, 143 | ended by a second Ctrl-C or SIGTERM |

${commands.filter(isShown).map(section).join('\n')}`
}

/** \`complete\` is for the scripts of the shells. */
function isShown(command: Command): boolean {
  return command.name() !== 'complete'
}

function section(command: Command): string {
  let help = ''
  command
    .configureHelp({ helpWidth: 100 })
    .configureOutput({ writeOut: (text) => (help += text), getOutHasColors: () => false })
  command.outputHelp()
  const names: string[] = []
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name())
  return `## ${names.join(' ')}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`
}

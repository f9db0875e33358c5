// Writes docs/reference/config.md, cli.md and versions.md from the table of settings, the definitions of the
// commands and the changes of the API; --check tells whether the files are up to date.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import prettier from 'prettier'
import { createProgram } from '../src/cli/main.ts'
import { settings } from '../src/config.ts'
import { apiVersions, deprecationOf } from '../src/domain/api-version.ts'
import { changes } from '../src/http/versions/changes.ts'

const folder = path.resolve(import.meta.dirname, '../../docs/reference')
const pages = {
  'config.md': configPage(),
  'cli.md': cliPage(),
  'versions.md': versionsPage(),
}

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
    const text = Array.isArray(fallback)
      ? fallback.join(',')
      : typeof fallback === 'object'
        ? ''
        : String(fallback)
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
database, the embedded one or that of \`BELFRY_DATABASE_URL\`. Only \`import\` asks a running server, and
\`pull\`, \`diff\` and \`push\` do with \`--url\`: with \`BELFRY_API_KEY\` or the key of the data directory. Data goes to stdout, words go to stderr;
\`--json\` prints JSON instead, one value per line. Colours are left out in pipes and with \`NO_COLOR\`.

| Exit code | |
|---|---|
| 0 | it worked |
| 1 | it failed, or \`doctor\`, \`lint\`, \`diff --exit-code\` or \`migrate status\` found something |
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

function versionsPage(): string {
  const [newest] = apiVersions
  const older = apiVersions.slice(1).map((version) => {
    const until = deprecationOf(version)?.until.toISOString().slice(0, 10)
    return `| ${version} | ${until} |`
  })
  const said = apiVersions.map((version) => {
    const descriptions = changes.filter((change) => change.version === version)
    const list = descriptions.map(({ description }) => `- ${description}`).join('\n')
    return `## ${version}\n\n${list || '- The first version.'}\n`
  })
  return `# Versions of the API

The API has dates for versions. A change that programs would notice (a field with another name, or gone)
makes a new one, and the older ones keep their shapes. What is only added makes none: new fields in answers,
new values, new routes.

- A key is pinned at its first use to the newest version of that day, and stays with it; \`GET /keys\` shows it
  as \`api_version\`. Upgrading Belfry changes nothing for a program that runs.
- \`Belfry-Version: ${newest}\` asks for a version in one request, which is how to try a newer one. A new key
  starts with the newest. A date that is no version is refused with \`unknown_version\`.
- Every answer says its version in the same header. One in an old version also says since when there is a newer
  one (\`Deprecation\`, [RFC 9745](https://www.rfc-editor.org/rfc/rfc9745)), until when it is answered at
  least (\`Sunset\`, [RFC 8594](https://www.rfc-editor.org/rfc/rfc8594)), two years later, and where to read
  about it (\`Link\` to this page).
- The token of a subscriber speaks the version of the request that made it, on the streams too. The client and
  the inbox send the version they were written for, so the pin of a key never surprises them.
- \`openapi.json\` describes the newest version. Problem documents are the same in all of them.

| Old version | Answered until at least |
|---|---|
${older.join('\n')}

${said.join('\n')}`
}

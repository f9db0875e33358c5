// Figures as text: to the terminal, and into RESULTS.md, one section per measure.
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Report, Row } from './measure.ts'

export type Finished = { title: string; command: string; report: Report; seconds: number }

export function showReport({ title, command, report, seconds }: Finished): string {
  const date = new Date().toISOString().slice(0, 10)
  return [
    `## ${title}`,
    '',
    `${date}, ${machine()}, ${seconds} s: \`${command}\``,
    '',
    ...table(report.rows),
    '',
    ...report.notes.map((note) => `- ${note}`),
    '',
  ].join('\n')
}

function table(rows: Row[]): string[] {
  const mark = (isMet: boolean | null) => (isMet === null ? '' : isMet ? 'met' : '**missed**')
  return [
    '| what | Belfry | beside | ratio | target | |',
    '|---|---|---|---|---|---|',
    ...rows.map(
      ({ what, belfry, beside, ratio, target, isMet }) =>
        `| ${what} | ${belfry} | ${beside} | ${ratio} | ${target} | ${mark(isMet)} |`,
    ),
  ]
}

function machine(): string {
  const [first] = cpus()
  const memory = Math.round(totalmem() / 1_073_741_824)
  const system = `${platform()} ${release().split('-')[0]}`
  return `${cpus().length} × ${first?.model.trim() || 'CPU'}, ${memory} GB, ${system}, Node ${process.versions.node}`
}

const opening = `# What was measured

Every figure stands beside its limit or peer, measured in the same run by turns; medians of three or more. All of
it shares the machine of its line: Belfry, PostgreSQL, the process that makes the load and the one that takes the
deliveries. PostgreSQL is the embedded one, fsync on, on a disk.
`

/** Replaces the sections of what was measured; the others stay. */
export async function writeReports(finished: Finished[]): Promise<void> {
  const path = join(import.meta.dirname, 'RESULTS.md')
  const sections = new Map<string, string>()
  for (const section of (await readOrEmpty(path)).split(/^(?=## )/m).slice(1)) {
    sections.set(section.slice(3, section.indexOf('\n')), section.trimEnd())
  }
  for (const one of finished) sections.set(one.title, showReport(one).trimEnd())
  const sorted = [...sections].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  await writeFile(path, `${[opening.trimEnd(), ...sorted.map(([, text]) => text)].join('\n\n')}\n`)
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

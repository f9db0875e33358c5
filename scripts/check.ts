// `npm run check`: what a change must pass besides the tests. All steps at once, a line for each,
// and the output of those that failed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { styleText } from 'node:util'

type Step = { name: string; script: string; args: string[]; fix?: string }
type Result = Step & { ok: boolean; seconds: number; output: string }

const root = path.resolve(import.meta.dirname, '..')

// The tools are started by their scripts, not through node_modules/.bin, which differs on Windows.
const steps: Step[] = [
  { name: 'types', script: 'node_modules/typescript/bin/tsc', args: ['--project', '.'] },
  { name: 'lint', script: 'node_modules/oxlint/bin/oxlint', args: ['--deny-warnings'] },
  {
    name: 'format',
    script: 'node_modules/prettier/bin/prettier.cjs',
    args: ['--check', '--log-level=warn', '.'],
    fix: 'npm run format',
  },
  {
    name: 'openapi.json',
    script: 'server/scripts/openapi.ts',
    args: ['--check'],
    fix: 'npm run openapi',
  },
  {
    name: 'reference',
    script: 'server/scripts/reference.ts',
    args: ['--check'],
    fix: 'npm run reference',
  },
  {
    name: 'client schema',
    script: 'client/scripts/schema.ts',
    args: ['--check'],
    fix: 'npm run schema -w client',
  },
  {
    name: 'client build', // with the library of the platforms it is for, not with Node's
    script: 'node_modules/typescript/bin/tsc',
    args: ['--project', 'client/tsconfig.build.json', '--noEmit'],
  },
  { name: 'house rules', script: 'server/test/tidy.test.ts', args: [] },
]

const results = await Promise.all(
  steps.filter((step) => existsSync(path.join(root, step.script))).map(run),
)
const failed = results.filter((result) => !result.ok)
for (const { name, output, fix } of failed) {
  console.log(`\n${styleText('bold', name)}\n${output.trim()}`)
  if (fix !== undefined) console.log(`\`${fix}\` repairs this.`)
}
process.exitCode = failed.length === 0 ? 0 : 1

async function run(step: Step): Promise<Result> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [step.script, ...step.args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
  })
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const [code, stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)])

  const result = {
    ...step,
    ok: code === 0,
    seconds: (performance.now() - startedAt) / 1000,
    output: stdout + stderr,
  }
  const mark = result.ok ? styleText('green', '✓') : styleText('red', '✗')
  console.log(`${mark} ${step.name} ${styleText('dim', `${result.seconds.toFixed(1)} s`)}`)
  return result
}

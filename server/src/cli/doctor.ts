// `belfry doctor`: looks at everything Belfry needs, and says what to do about what is not right.
import { Command } from 'commander'
import { examples, withJoinOptions, type JoinOptions } from './options.ts'
import { checkAll, type Check } from './doctor-checks.ts'
import { Failed } from './failure.ts'
import { print, printJson, say, styled } from './output.ts'

export function doctorCommand(): Command {
  const doctor = new Command('doctor')
    .description('Check every setting and connection, and say what to fix.')
    .addHelpText('after', examples('belfry doctor', 'belfry doctor --json'))
    .action(runDoctor)
  return withJoinOptions(doctor)
}

async function runDoctor(options: JoinOptions): Promise<void> {
  const checks: Check[] = []
  for await (const check of checkAll(options)) {
    checks.push(check)
    if (!options.json) print(checkText(check))
  }
  const badCount = checks.filter(({ state }) => state === 'bad').length
  if (options.json) printJson({ is_healthy: badCount === 0, checks })
  else say(badCount === 0 ? 'Nothing is wrong.' : `${badCount} to fix.`)
  if (badCount > 0) throw new Failed()
}

const marks = { good: ['green', '✓'], bad: ['red', '✗'], skipped: ['dim', '–'] } as const

function checkText({ name, state, text, fix }: Check): string {
  const [colour, mark] = marks[state]
  const lines = text.split('\n').join('\n  ')
  const line = `${styled(colour, mark)} ${name}: ${lines}`
  return fix === undefined ? line : `${line}\n  ${styled('yellow', `→ ${fix}`)}`
}

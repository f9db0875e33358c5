// What is wrong with how an event type asks for an answer, found when it is saved.
import type { AskRule } from './asking.ts'
import type { PlanProblem } from './plan-check.ts'
import type { Step } from './plan-steps.ts'

export const goesWithAny =
  'cannot go with `"by": "each"`: where each has to answer, nobody answers for another.'

/** Pointers lead into the event type. */
export function askProblems(
  rule: AskRule | undefined,
  plan: readonly Step[] | undefined,
): PlanProblem[] {
  if (rule === undefined) return []
  const isEach = rule.by === 'each'
  const problems: PlanProblem[] = []
  if (!asks(plan ?? []))
    problems.push({
      pointer: '/acknowledge',
      detail: 'needs a `plan` with a `send` until acknowledged, which says how long to wait.',
    })
  if (isEach && rule.escalate_to)
    problems.push({ pointer: '/acknowledge/escalate_to', detail: goesWithAny })
  return isEach ? problems : [...problems, ...mixed(plan ?? [], '/plan')]
}

function asks(steps: readonly Step[]): boolean {
  return steps.some((step) =>
    'if' in step
      ? asks(step.then) || asks(step.else ?? [])
      : 'send' in step && step.until === 'acknowledged',
  )
}

/** What ends or gathers the plan of one person without an answer would be taken for silence. */
function mixed(steps: readonly Step[], above: string): PlanProblem[] {
  return steps.flatMap((step, i): PlanProblem[] => {
    const pointer = `${above}/${i}`
    if ('if' in step)
      return [...mixed(step.then, `${pointer}/then`), ...mixed(step.else ?? [], `${pointer}/else`)]
    const word = 'digest' in step ? 'digest' : 'throttle' in step ? 'throttle' : null
    if (word !== null)
      return [
        {
          pointer: `${pointer}/${word}`,
          detail: `cannot go with \`acknowledge\`: ${whyNot[word]}`,
        },
      ]
    const isOther = 'wait' in step && step.wait.unless !== undefined
    return isOther && step.wait.unless !== 'acknowledged'
      ? [
          {
            pointer: `${pointer}/wait/unless`,
            detail: `cannot go with \`acknowledge\`: ${onlyAnswer}`,
          },
        ]
      : []
  })
}

const whyNot = {
  digest: 'what is gathered is not asked one by one.',
  throttle: 'what is not let through would seem to be unanswered.',
}
const onlyAnswer = 'only an answer ends it early. What is over otherwise is cancelled.'

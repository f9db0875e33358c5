// The pages behind the link by which somebody answers.
import type { AnswerWords } from '../pipeline/answer-words.ts'
import type { TooLate } from '../pipeline/acknowledge.ts'
import { escaped, page } from './link-pages.ts'

/** What GET shows: it changes nothing. */
export function askPage(words: AnswerWords): string {
  return page(
    'Please answer',
    `${about(words)}
<form method="post"><button>Acknowledge</button></form>
<p class="soft">Then nothing more is sent about it.</p>`,
  )
}

/** `isFirst`: it was answered just now, and not before. */
export function answeredPage(words: AnswerWords, isFirst: boolean): string {
  const { answer } = words
  const when = answer === null ? '' : ` ${escaped(answer.when)}`
  if (answer === null || answer.isOwn) {
    const title = isFirst ? 'Thank you' : 'You have answered this'
    const done = `<p role="status" class="done">You answered${when}. Nothing more is sent about it.</p>`
    return page(title, `${about(words)}\n${done}`)
  }
  const done = `<p role="status" class="done">${escaped(answer.who)} answered${when}. You need not do anything.</p>`
  return page('Already answered', `${about(words)}\n${done}`)
}

const whyTooLate: Record<TooLate, string> = {
  cancelled: 'It was called off.',
  superseded: 'A newer message has taken its place: please look at that one.',
  expired: 'Its time is over.',
  skipped: 'It was not sent to you.',
}

export function tooLatePage(words: AnswerWords, why: TooLate): string {
  const note = `<p role="status">${whyTooLate[why]} You need not do anything.</p>`
  return page('An answer is no longer needed', `${about(words)}\n${note}`)
}

function about({ name, text, when }: AnswerWords): string {
  const said = text === null ? '' : `\n<p>${escaped(text)}</p>`
  return `<p><strong>${escaped(name)}</strong>, <span class="soft">${escaped(when)}</span></p>${said}`
}

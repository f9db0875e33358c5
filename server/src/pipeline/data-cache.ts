// Answers of data sources that may be used again, by whom they belong to and what was asked.

export type Answer = { value: unknown; because: string; at: Date }

export type AnswerCache = {
  /** Undefined when there is none, or it is older. */
  get(name: string, by: { now: Date; maxAgeMs: number }): Omit<Answer, 'at'> | undefined
  /** Forgets the oldest when there are too many, or they are too large together. */
  set(name: string, answer: Answer): void
}

export function createAnswerCache({
  mostAnswers = 10_000,
  mostBytes = 32 * 1_024 * 1_024,
} = {}): AnswerCache {
  const answers = new Map<string, { answer: Answer; bytes: number }>()
  let bytes = 0

  function forget(name: string): void {
    bytes -= answers.get(name)?.bytes ?? 0
    answers.delete(name)
  }

  return {
    get(name, { now, maxAgeMs }) {
      const answer = answers.get(name)?.answer
      if (answer === undefined) return undefined
      const ageMs = now.getTime() - answer.at.getTime()
      if (ageMs >= 0 && ageMs < maxAgeMs) return { value: answer.value, because: answer.because }
      return undefined
    },
    set(name, answer) {
      forget(name)
      // Two for each character, and what an entry takes by itself.
      const one = { answer, bytes: 2 * JSON.stringify(answer.value).length + 500 }
      answers.set(name, one)
      bytes += one.bytes
      for (const oldest of answers.keys()) {
        if (answers.size <= mostAnswers && bytes <= mostBytes) return
        forget(oldest)
      }
    },
  }
}

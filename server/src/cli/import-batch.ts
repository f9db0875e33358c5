// One batch of an import, asked of the API: who was taken, and what is wrong with the others.
import type { Api } from './api.ts'
import type { Refused } from './import-refused.ts'
import type { ImportKind, Row } from './import-rows.ts'

export type Taken = { created: number; updated: number; added: number; refused: Refused[] }

export type Batch = { kind: ImportKind; topic: string | null; rows: Row[] }

type FieldError = { pointer: string; detail: string }
type Readable = Extract<Row, { value: object }>

/** May be repeated: what was taken before is taken again, and nothing comes of it. */
export async function sendBatch(api: Api, { kind, topic, rows }: Batch): Promise<Taken> {
  const refused = rows.flatMap((row): Refused[] =>
    'problem' in row ? [{ row, reason: row.problem }] : [],
  )
  const readable = rows.filter((row) => 'value' in row)
  const taken: Taken = { created: 0, updated: 0, added: 0, refused }
  const members = kind === 'members' ? readable : await sendSubscribers(api, readable, taken)
  if (kind === 'members' || topic !== null) await sendMembers(api, members, topic, taken)
  taken.refused.sort((a, b) => a.row.line - b.row.line)
  return taken
}

type BulkAnswer = {
  created: number
  updated: number
  results: { status: string; errors?: FieldError[] }[]
}

/** Those that were taken. */
async function sendSubscribers(api: Api, rows: Readable[], taken: Taken): Promise<Readable[]> {
  if (rows.length === 0) return []
  const body = { subscribers: rows.map(({ value }) => value) }
  const answer = await api.ask<BulkAnswer>('POST', '/subscribers/bulk', body)
  taken.created += answer.created
  taken.updated += answer.updated
  return rows.filter((row, i) => {
    const { status, errors = [] } = answer.results[i]!
    if (status === 'refused') taken.refused.push({ row, reason: reasonOf(errors) })
    return status !== 'refused'
  })
}

function reasonOf(errors: FieldError[]): string {
  return errors.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join(' ')
}

async function sendMembers(
  api: Api,
  rows: Readable[],
  topic: string | null,
  taken: Taken,
): Promise<void> {
  const byTopic = new Map<string, Readable[]>()
  for (const row of rows) {
    const { id, topic: own } = row.value
    const key = topic ?? own
    if (typeof id !== 'string' || id === '') taken.refused.push({ row, reason: 'id is missing.' })
    else if (typeof key !== 'string' || key === '')
      taken.refused.push({ row, reason: 'topic is missing: a column, or --topic.' })
    else byTopic.getOrInsert(key, []).push(row)
  }
  for (const [key, members] of byTopic) await addMembers(api, key, members, taken)
}

/** The API takes all or none; those it names are left out, and the others sent again. */
async function addMembers(api: Api, key: string, rows: Readable[], taken: Taken): Promise<void> {
  let left = rows
  while (left.length > 0) {
    const body = { subscribers: left.map(({ value }) => value.id) }
    const path = `/topics/${encodeURIComponent(key)}/members`
    const answer = await api.tryAsking<{ added: number }>('POST', path, body)
    if ('answer' in answer) {
      taken.added += answer.answer.added
      return
    }
    const wrong = new Map(
      answer.problem.errors.flatMap(({ pointer, detail }) => {
        const at = /^\/subscribers\/(\d+)$/.exec(pointer)?.[1]
        return at === undefined ? [] : [[Number(at), detail] as const]
      }),
    )
    const isWhole = wrong.size === 0 // such as a topic that cannot be called so
    const reason = (i: number) => (isWhole ? answer.problem.detail : wrong.get(i))
    left.forEach((row, i) => {
      const told = reason(i)
      if (told !== undefined) taken.refused.push({ row, reason: told })
    })
    left = isWhole ? [] : left.filter((_, i) => !wrong.has(i))
  }
}

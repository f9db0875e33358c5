// Every statement on what belongs to a workspace says which one, or is in the list of those that serve
// the whole system. docs/decisions.md says why this is checked here and not by row-level security.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

// function that holds the statement, why it may look across workspaces
const forAll: Record<string, string> = {
  collectStatistics: "the planner's statistics are of whole tables",
  countQueueLines: 'the metrics of the whole system',
  deleteOldChanges: 'what is told to those who follow is kept for an hour, whoever it is about',
  findOldestPostponed: 'how far the clean-up of the whole system is behind',
  listWriters: 'transactions, not rows: whoever changes something just now',
  listRetentions: 'the clean-up of the whole system asks which durations there are',
  renewWhenRulesChange: 'the rules of time zones are the same for everybody',
  releaseDeliveries: 'gives back what the worker itself has begun, by id and epoch',
}

const statements = globSync('*.ts', { cwd: import.meta.dirname })
  .filter((file) => !file.endsWith('.test.ts'))
  .flatMap((file) => statementsOf(readFileSync(path.join(import.meta.dirname, file), 'utf8')))

const schema = globSync('migrations/*.sql', { cwd: import.meta.dirname })
  .map((file) => readFileSync(path.join(import.meta.dirname, file), 'utf8'))
  .join('\n')
const tables = [...schema.matchAll(/create table belfry\.(\w+) \(([^]*?)\n\)/g)]
  .filter(([, , columns]) => /\bworkspace_id\b/.test(columns!))
  .map(([, name]) => name!)

type Statement = { holder: string; text: string }

function statementsOf(source: string): Statement[] {
  return [...source.matchAll(/\bsql`([^`]*)`/g)].map((match) => {
    const before = source.slice(0, match.index)
    const holder = [...before.matchAll(/function (\w+)/g)].at(-1)?.[1] ?? ''
    return { holder, text: match[1]! }
  })
}

test('the tables and statements are found', () => {
  assert.ok(tables.includes('notifications') && tables.length > 15, tables.join(' '))
  assert.ok(statements.length > 60, String(statements.length))
})

for (const { holder, text } of statements) {
  const touched = tables.filter((table) => new RegExp(`belfry\\.${table}\\b`).test(text))
  if (touched.length > 0 && !(holder in forAll))
    test(`${holder} says whose ${touched.join(', ')} it means`, () => {
      assert.match(text, /\bworkspace_id\b/)
    })
}

for (const holder of Object.keys(forAll))
  test(`${holder}, which serves all workspaces, is still there`, () => {
    assert.ok(
      statements.some(
        (statement) => statement.holder === holder && !/\bworkspace_id\b/.test(statement.text),
      ),
    )
  })

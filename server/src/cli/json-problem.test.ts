import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonProblem } from './json-problem.ts'

// text, what is said about it
const cases: [string, string | null][] = [
  ['{"a":1}', null],
  ['{"a":}', 'unexpected "}" at line 1 column 6'],
  ['{\n  "a": 1,\n  "b": ?\n}', 'unexpected "?" at line 3 column 8'],
  ['{"a":1', "Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)"],
  ['', 'it ends too early at line 1 column 1'],
  ['{"a":nul}', 'unexpected "}" at line 1 column 9'],
]

for (const [text, told] of cases)
  test(`JSON is told from ${JSON.stringify(text)}, with the place`, () => {
    const problem = jsonProblem(text)

    assert.equal(problem, told)
  })

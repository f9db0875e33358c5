import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionProblem } from './plan-condition.ts'

const fine = [
  'total > 100',
  'total>=100',
  'vip',
  'not vip',
  'vip and not late',
  'subscriber.data.name == "Ana" or tags contains \'new\'',
  'items[0].price != nil',
  '(1..3) contains step',
  'items | size',
  'name | default: "none"',
  'true',
  'a.b-c == empty',
]
for (const source of fine)
  test(`\`${source}\` is a condition`, () => {
    assert.equal(conditionProblem(source), null)
  })

const wrong: [string, RegExp][] = [
  ['total >', /^ends after `>`: something is missing/],
  ['total > 100 and', /^ends after `and`/],
  ['vip and not', /^ends after `not`/],
  ['> 100', /^begins with `>`: write what to compare/],
  ['total > > 100', /^has nothing between `>` and `>`\.$/],
  ['total <> 100', /between `<` and `>`\. Did you mean `!=`\?$/],
  ['total 100', /^has nothing between `total` and `100`: join them/],
  ['vip not late', /^has nothing between `vip` and `not`/],
  ['a == b ? c', /^has nothing between `b` and `\?`/],
  ['total = 100', /^has a `=` that says nothing here.* Did you mean `==`\?$/],
  ['total === 100', /^has a `=`/],
  ['vip && late', /^has a `&&`.* Did you mean `and`\?$/],
  ['!vip', /^has a `!`.* Did you mean `not`\?$/],
  ['vip, late', /^has a `,`/],
  ['vip || late', /\|/],
  ['name == "Ana', /^has a text that does not end: "Ana needs a " behind it\.$/],
  ["name == '", /^has a text that does not end/],
  ['subscriber.', /^ends after `subscriber\.`/],
  ['items |', /^ends after `\|`/],
  ['(a or b) and c', /^may not have parentheses/],
  ['{{ vip }}', /^is written without braces/],
  ['  ', /^is empty/],
]
for (const [source, problem] of wrong)
  test(`\`${source}\` is refused, and why is said`, () => {
    assert.match(conditionProblem(source) ?? 'nothing', problem)
  })

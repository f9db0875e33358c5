import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smsSegments } from './sms-segments.ts'

const texts: [string, string, string, number, number][] = [
  ['nothing', '', 'GSM-7', 0, 1],
  ['a full one', 'a'.repeat(160), 'GSM-7', 160, 1],
  ['one too many', 'a'.repeat(161), 'GSM-7', 161, 2],
  ['two full ones', 'a'.repeat(306), 'GSM-7', 306, 2],
  ['a third', 'a'.repeat(307), 'GSM-7', 307, 3],
  ['letters of the alphabet', 'Grüße aus Ñuñoa à la Ωμέγα'.replace(/[μέγα]/g, ''), 'GSM-7', 22, 1],
  ['a sign that counts twice', '€'.repeat(80), 'GSM-7', 160, 1],
  ['an escape is not cut from its sign', 'a'.repeat(152) + '€'.repeat(5), 'GSM-7', 162, 2],
  ['signs that do not fit to the end', '€'.repeat(153), 'GSM-7', 306, 3],
  ['a quotation mark of typographers', '“', 'UCS-2', 1, 1],
  ['seventy of another alphabet', 'я'.repeat(70), 'UCS-2', 70, 1],
  ['seventy-one', 'я'.repeat(71), 'UCS-2', 71, 2],
  ['emoji', '😀'.repeat(35), 'UCS-2', 70, 1],
  ['emoji are not cut in two', '😀'.repeat(67), 'UCS-2', 134, 3],
]
for (const [name, text, encoding, units, segments] of texts)
  test(`a text as SMS: ${name}`, () => {
    const counted = smsSegments(text)

    assert.deepEqual(
      [counted.encoding, counted.units, counted.segments],
      [encoding, units, segments],
    )
  })

test('it is told which character makes a text dearer', () => {
  assert.equal(smsSegments('It’s ready').because, '’')
})

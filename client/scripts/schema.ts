// Writes client/src/schema.ts from openapi.json; with --check it only says whether that is up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { printSchema, type OpenApiDocument } from './operation-types.ts'

const documentFile = new URL('../../openapi.json', import.meta.url)
const schemaFile = new URL('../src/schema.ts', import.meta.url)

// Whatever is in the file: printSchema refuses what it does not understand.
const document = JSON.parse(readFileSync(documentFile, 'utf8')) as OpenApiDocument
const printed = printSchema(document)

if (!process.argv.includes('--check')) writeFileSync(schemaFile, printed)
else if (readFileSync(schemaFile, 'utf8') !== printed) {
  process.stderr.write('client/src/schema.ts is not what openapi.json says.\n')
  process.exitCode = 1
}

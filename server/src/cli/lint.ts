// `belfry lint`: what is wrong with a catalog, told without a server.
import { printProblems } from '../catalog/folder.ts'
import { lintFolder } from '../catalog/lint.ts'
import { count } from './catalog-files.ts'
import { Failed } from './failure.ts'
import { configOf, type JoinOptions } from './options.ts'
import { print, printJson, say, styledWords } from './output.ts'

export async function lint(folder: string, options: JoinOptions): Promise<void> {
  const {
    count: files,
    problems,
    warnings,
  } = await lintFolder(configOf(options), folder, new Date())
  if (options.json) printJson({ files, problems, warnings })
  else {
    for (const line of printProblems(problems, folder)) print(line)
    for (const line of printProblems(warnings, folder))
      say(`${styledWords('yellow', 'warning:')} ${line}`)
    say(`${count(files, 'file')}, ${count(problems.length, 'problem')}`)
  }
  if (problems.length > 0) throw new Failed()
}

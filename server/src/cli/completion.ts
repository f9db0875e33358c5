// Completion: `belfry completion <shell>` prints the script for a shell; while somebody types, that
// script asks the hidden command `complete`.
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import { examples } from './options.ts'

/** To be called last: it knows the commands that are there by then. */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: 'completion' })
  program.commands
    .find((command) => command.name() === 'completion')
    ?.summary('print the completion script of a shell')
    .description('Prints a script that completes commands and options in your shell.')
    .addHelpText(
      'after',
      examples(
        'source <(belfry completion bash)      # now; for every shell: put it into ~/.bashrc',
        'source <(belfry completion zsh)       # ~/.zshrc',
        'belfry completion fish | source       # ~/.config/fish/config.fish',
        'belfry completion powershell | Out-String | Invoke-Expression   # $PROFILE',
      ),
    )
}

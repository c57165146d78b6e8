import { type Completable, type CompletableFlag, type Value, withDescendants } from './completable.ts'

/** A script for zsh: a function for each command, which `_arguments` of its own completion system carries out. */
export function renderZsh(program: Completable): string {
  return `#compdef drover
# What zsh completes of drover. In ~/.zshrc, after compinit: source <(drover completion zsh)
${withDescendants(program).map(renderFunction).join('\n')}
if [ "$funcstack[1]" = "_drover" ]; then
  _drover "$@"
else
  compdef _drover drover
fi
`
}

function renderFunction(command: Completable): string {
  const flags = command.flags.map(flagSpec)
  return command.commands.length === 0 ? renderLeaf(command, flags) : renderGroup(command, flags)
}

function renderLeaf(command: Completable, flags: readonly string[]): string {
  const values = command.arguments.map((value, i) => quoted(`${i + 1}::argument:${action(value)}`))
  return `${nameOf(command)}() {
  _arguments \\
    ${[...flags, ...values].join(' \\\n    ')}
}`
}

function renderGroup(command: Completable, flags: readonly string[]): string {
  const commands = command.commands.map(({ path, summary }) => quoted(`${path.at(-1)}:${summary}`))
  const calls = command.commands.map((each) => `        ${each.path.at(-1)}) ${nameOf(each)} ;;`)
  return `${nameOf(command)}() {
  local curcontext="$curcontext" context state state_descr line
  typeset -A opt_args
  _arguments -C \\
    ${[...flags, "'1:command:->command'", "'*::argument:->argument'"].join(' \\\n    ')}
  case $state in
    command)
      local -a commands=(
        ${commands.join('\n        ')}
      )
      _describe command commands
      ;;
    argument)
      case $words[1] in
${calls.join('\n')}
      esac
      ;;
  esac
}`
}

/** `_drover_quarantine_list` */
function nameOf({ path }: Completable): string {
  return `_${path.join('_')}`
}

/** A flag may be given more than once: some are repeatable, and of the others the last one counts. */
function flagSpec({ names, summary, value }: CompletableFlag): string {
  const explained = `[${summary.replace(/[[\]\\:]/g, '\\$&')}]`
  const taken = value === undefined ? '' : `:value:${action(value)}`
  return names.map((name) => quoted(`*${name}${explained}${taken}`)).join(' ')
}

function action(value: Value): string {
  if (value.kind === 'choice') return `(${value.choices.join(' ')})`
  return value.kind === 'file' ? '_files' : ''
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

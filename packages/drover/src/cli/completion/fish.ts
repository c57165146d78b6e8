import { type Completable, type CompletableFlag, type Value, withDescendants } from './completable.ts'

/** A script for fish, from 3.0 on. */
export function renderFish(program: Completable): string {
  const all = withDescendants(program)
  const valued = all.flatMap(({ path, flags }) =>
    flags.filter(({ value }) => value).flatMap(({ names }) => names.map((name) => [...path, name].join(' '))),
  )
  return `# What fish completes of drover: drover completion fish > ~/.config/fish/completions/drover.fish
set -g __drover_commands ${all.map(({ path }) => quoted(path.join(' '))).join(' ')}
set -g __drover_valued ${valued.map(quoted).join(' ')}

function __drover_at -d 'Whether the words so far call this command'
  set -l words (commandline -opc)
  set -e words[1]
  set -l path drover
  set -l isValue no
  for word in $words
    if test $isValue = yes
      set isValue no
    else if string match -q -- '-*' $word
      contains -- "$path $word" $__drover_valued; and set isValue yes
    else if contains -- "$path $word" $__drover_commands
      set path "$path $word"
    end
  end
  test "$path" = "$argv[1]"
end

complete -c drover -f
${all.flatMap(renderCommand).join('\n')}
`
}

function renderCommand(command: Completable): readonly string[] {
  const here = `complete -c drover -n ${quoted(`__drover_at ${quoted(command.path.join(' '))}`)}`
  return [
    ...command.commands.map(({ path, summary }) => `${here} -a ${path.at(-1)} -d ${quoted(summary)}`),
    ...command.flags.map((flag) => `${here} ${flagWords(flag)}`),
    ...command.arguments.filter(({ kind }) => kind !== 'text').map((value) => `${here} ${valueWords(value)}`),
  ]
}

function flagWords({ names, summary, value }: CompletableFlag): string {
  const named = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  return [...named, ...(value === undefined ? [] : [`-r ${valueWords(value)}`]), '-d', quoted(summary)].join(' ')
}

function valueWords(value: Value): string {
  if (value.kind === 'choice') return `-f -a ${quoted(value.choices.join(' '))}`
  return value.kind === 'file' ? '-F' : '-f'
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}

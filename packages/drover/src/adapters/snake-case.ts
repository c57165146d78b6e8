/**
 * The same tables with names in snake case, for generators that wrote them in camel case: `createdAt` becomes
 * `created_at`. As Kysely's `CamelCasePlugin` does it: an underscore before a capital that follows something else than a
 * capital, so `userID` becomes `user_id` and `line2` stays. What comes out wrong, the plan does not find in the database.
 */
export type SnakeCase<DB> = {
  [T in keyof DB & string as Snake<T>]: { [C in keyof DB[T] & string as Snake<C>]: DB[T][C] }
}

type Snake<
  Rest extends string,
  Done extends string = '',
  Before extends string = '_',
> = Rest extends `${infer Char}${infer More}`
  ? Snake<More, `${Done}${IsCapital<Char> extends true ? Lowered<Char, Before> : Char}`, Char>
  : Done

type Lowered<Char extends string, Before extends string> = Before extends '_' | '.'
  ? Lowercase<Char>
  : IsCapital<Before> extends true
    ? Lowercase<Char>
    : `_${Lowercase<Char>}`

type IsCapital<Char extends string> = Char extends Lowercase<Char> ? false : true

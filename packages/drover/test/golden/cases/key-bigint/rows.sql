insert into legacy.events values
  (-9223372036854775808, null, 'first'), (-1, null, 'minus one'), (0, null, 'zero'),
  (9007199254740993, 9223372036854775807, 'beyond doubles'), (9007199254740992, -1, 'last of doubles'),
  (9223372036854775807, 9007199254740993, 'last');

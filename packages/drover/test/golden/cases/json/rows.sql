insert into legacy.users values
  (1, 'dark', '50', '2025-05-31', 'a', 'b', '{"b": 1.50, "a": [true, null]}', '{"open": true}', '{"widgets": []}'),
  (2, 'it"s', 'many', 'infinity', 'a', null, 'no json', '{"open": 1, "open": 2}', '[1, 2]'),
  (3, null, '1,000', null, null, null, '', 'null', null),
  (4, 'light', '2147483648', null, '', 'b', '{"a": 1,}', '"\u00e4"', 'null'),
  (5, 'light', null, null, null, null, '["\u0000"]', '["\u0000"]', '"text"'),
  (6, 'light', '7.5', null, null, null, ' "half a \ud83d pair" ', '"\ud83d\ude00"', '0'),
  (7, 'light', '7', null, null, null, null, null, '{}'),
  (8, 'light', '8', null, null, null, 'NaN', '1e1000000', 'true'),
  (9, 'light', '9', null, null, null, '{"a": 1} {"b": 2}', ' [ 1 ] ', '[]'),
  (10, 'light', '10', null, null, null, 'true', '-0', '{"a": {"b": 1}}');

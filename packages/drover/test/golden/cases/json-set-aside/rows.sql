insert into legacy.events values
  (1, 'opened', '{"a": 1}', array['[1]'::json], 't1'),
  (2, null, '{"a":  "\u0000"}', array['"\u0000"'::json], 't2'),
  (3, 'closed', '1e1000000', null, 't3'),
  (4, 'refused', '{"open": 1, "open": 2}', array['1'::json, null], 't4'),
  (5, null, null, null, 't5');

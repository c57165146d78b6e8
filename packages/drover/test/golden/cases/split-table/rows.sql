insert into legacy.customers values
  ('a', 'Ann', 'Ring 1', 'Wien', true), ('b', 'Bob', null, null, false), ('c', 'Cid', 'Gasse 2', ' ', true),
  ('d', 'Dora', null, 'Bern', false);

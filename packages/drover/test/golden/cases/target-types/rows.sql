insert into legacy.articles values
  (1, 'new', 'red,blue', 'a@example.org', 1.005, '{"b": 1, "a": [2]}', '08:30'),
  (2, 'ON_SALE', '', null, 0.1, null, null),
  (3, 'gone', null, 'nobody', null, '"text"', '23:59:59'),
  (4, 'lost', 'a', 'd@example.org', 4, 'null', null);

insert into legacy.accounts values
  (1, 'Ann', 'tok-1', 1), (2, 'ann', 'tok-2', 2), (3, 'Bob', 'short', 1), (4, 'Cid', 'tök "4" \', 1), (5, null, 'tok-5', 1),
  (6, 'Dora', null, 1), (7, 'Eve', 'tok-7', 1);

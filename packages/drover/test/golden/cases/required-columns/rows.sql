insert into legacy.customers values
  (1, 'Ann', 'ann@example.org', '030 1', 'AT', 5),
  (2, ' Bob  Ross ', null, null, null, null),
  (3, null, 'cid@example.org', '030 3', 'AT', 1),
  (4, '   ', null, '030 4', 'CH', 1),
  (5, 'Eve', null, '030 5', 'CH', -1),
  (6, null, null, '030 6', 'CH', -2);

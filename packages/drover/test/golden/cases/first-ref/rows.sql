insert into legacy.customers values (1, 'Ann'), (2, 'Bob'), (3, null);
insert into legacy.orders values
  (11, 1, null, null), (12, null, 2, null), (13, 9, 2, null), (14, null, null, 11), (15, null, null, 12),
  (16, 9, 9, 11), (17, 3, 9, null), (18, 9, 9, 9), (19, null, null, null);

insert into legacy.customers values
  (1, 'a@x.org', 'Ann', null, null), (2, 'a@x.org', 'Anne', '222', null), (3, 'a@x.org', null, '333', 'Wien'),
  (4, 'b@x.org', null, null, null), (5, 'b@x.org', null, null, ''), (6, 'b@x.org', 'Bob', null, null);

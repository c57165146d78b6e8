insert into legacy.customers values
  (1, 'a@x.org', null), (2, 'a@x.org', null), (3, 'b@x.org', null), (4, 'b@x.org', '444'), (5, 'c@x.org', null);

insert into legacy.products values (1), (2);
insert into legacy.customers values (2), (3);
insert into legacy.comments values
  (1, 'product', 1, 'a'), (2, 'product', 2, 'b'), (3, 'customer', 2, 'c'), (4, 'customer', 1, 'd'), (5, 'product', 3, 'e'),
  (6, 'shop', 1, 'f'), (7, 'customer', null, 'g');

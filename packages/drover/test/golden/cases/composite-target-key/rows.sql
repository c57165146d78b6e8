insert into legacy.orders values ('a'), ('b');
insert into legacy.order_lines values
  (1, 'a', 1, 'Bell'), (2, 'b', 1, 'Chain'), (3, 'a', 2, null), (4, 'c', 1, 'Lost'), (5, 'b', 2, 'Lamp');

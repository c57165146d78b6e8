insert into legacy.customers values ('cus_1', 'Ann'), ('cus_2', 'Bob'), ('x', 'Same key as an order');
insert into legacy.orders values ('ord_1', 'cus_2'), ('ord_2', 'cus_1'), ('x', 'x');
insert into legacy.order_lines values
  ('ord_1-1', 'ord_1', 'Bell'), ('ord_1-2', 'ord_1', 'Chain'), ('ord_2-1', 'ord_2', 'Bell'), ('x-1', 'x', 'Lamp');

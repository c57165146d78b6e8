insert into legacy.customers values ('a', 'ann@x.org'), ('b', 'ANN@x.org'), ('c', 'cid@x.org');
-- Carts of a and b become carts of one customer: two of one day are then the same.
insert into legacy.carts values
  ('k1', 'a', '2024-01-01', 1), ('k2', 'b', '2024-01-01', 3), ('k3', 'b', '2024-01-02', 2), ('k4', 'c', '2024-01-01', 5),
  ('k5', 'd', '2024-01-01', 9), ('k6', 'd', '2024-01-01', 8);

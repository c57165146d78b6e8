insert into legacy.folders values ('in', null), ('out', 'in');
insert into legacy.documents
select 'd' || i, case when i % 4 = 0 then null when i % 2 = 0 then 'out' else 'in' end, repeat('x', 3000 + i)
from generate_series(1, 9) as i;
delete from legacy.documents where id = 'd3';

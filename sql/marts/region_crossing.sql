select * from marts.crossing()
order by level, nuts_id

-- The value of a row of sql/seeds/thresholds.csv: the user's own if it is among the moved ones,
-- else that of the build (NULL where there is no such row: the runner refuses the name). The only
-- way for SQL to read a threshold; DuckDB folds it into a constant.
create macro threshold(wanted, moved := null::map(varchar, double)) as coalesce(
    moved[wanted], thresholds()[wanted]
)

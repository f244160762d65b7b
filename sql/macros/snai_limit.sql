-- Minutes at which a class of the Italian inner areas ends, of the edition in use.
create macro snai_limit(class, moved := null::map(varchar, double)) as threshold(
    'remoteness_snai_' || class || '_' || threshold('remoteness_snai_edition')::integer || '_min',
    moved
)

-- Class of a region by the share of its people who live in service deserts.
create macro desert_class(share, moved := null::map(varchar, double)) as case
    when share is null then null
    when share > threshold('thin_desert_share', moved) then 'unserved'
    when share > threshold('thin_few_share', moved) then 'partly served'
    else 'served'
end

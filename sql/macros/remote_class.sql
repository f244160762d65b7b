-- Class of a region by the share of its people who are far from a city; exactly half close is close
-- to a city, as in urban_rural_remoteness.
create macro remote_class(share, moved := null::map(varchar, double)) as case
    when share is null then null
    when 1 - share < threshold('remoteness_close_share', moved) then 'remote'
    when share > threshold('thin_few_share', moved) then 'partly remote'
    else 'close to a city'
end

select
    name, kind, publisher, title, description, version, vintage, retrieved, licence, licence_url,
    attribution, citation, url, taken_from, sha256, is_present
from seeds.registry
order by is_present desc, name

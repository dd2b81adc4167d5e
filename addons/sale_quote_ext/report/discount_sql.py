"""What a line `l` of an order `s` gives off its list price, in SQL.

Amounts are as prices are entered, taxes included or not, in the company's currency.
What is taken off the order as a whole is a line with a negative price: all of it is
given.
"""

# Floats: PostgreSQL reckons with them several times as fast as with decimals.
RATE = "COALESCE(NULLIF(s.currency_rate, 0), 1)::float8"
LIST_AMOUNT = f"""
    CASE WHEN l.product_id IS NULL OR l.price_unit < 0 THEN 0
         ELSE COALESCE(NULLIF(l.list_price_unit, 0), l.price_unit::float8)
              * l.product_uom_qty::float8 / {RATE} END"""
NET_AMOUNT = f"""
    CASE WHEN l.product_id IS NULL THEN 0
         ELSE l.price_unit::float8 * l.product_uom_qty::float8
              * (1 - COALESCE(l.discount, 0)::float8 / 100) / {RATE} END"""
# Days from creation to confirmation; an order dated before it existed was imported.
DAYS_TO_CONFIRM = """
    CASE WHEN s.state = 'sale' AND s.date_order > s.create_date - interval '1 day'
         THEN GREATEST(extract(epoch FROM s.date_order - s.create_date)::float8
                       / 86400, 0)
         END"""

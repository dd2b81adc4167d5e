from odoo import api, fields, models, tools
from odoo.tools import SQL

from ..models.crm_lead_stay import RESULTS

# Aggregates of many rows that can be made of those of their parts, and how.
MADE_OF = {"sum": ("sum",), "count": ("count",), "avg": ("sum", "count")}


class CrmLeanReport(models.AbstractModel):
    """Rows on opportunities, very many of them: groups are read in the time that one
    pass over them takes.

    - Groups by the ids of many2one fields and orders the groups afterwards. Core has
      PostgreSQL join stages, users and their contacts to each row to order by them.
    - Reads the groups of a pivot, its totals and subtotals, from the finest ones.
      PostgreSQL does grouping sets in one process and compares each row many times.
    """

    _name = "crm.lean.report"
    _description = "Report of Many Rows"

    lead_id = fields.Many2one(
        comodel_name="crm.lead", string="Opportunity", readonly=True
    )
    stage_id = fields.Many2one(comodel_name="crm.stage", readonly=True)
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson Now",
        readonly=True,
        help="Whose opportunity it is by now.",
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    source_id = fields.Many2one(comodel_name="utm.source", readonly=True)
    lost_reason_id = fields.Many2one(comodel_name="crm.lost.reason", readonly=True)
    result = fields.Selection(selection=RESULTS, readonly=True)

    def init(self):
        if self._abstract:
            return
        tools.drop_view_if_exists(self.env.cr, self._table)
        name = SQL.identifier(self._table)
        self.env.cr.execute(SQL("CREATE VIEW %s AS (%s)", name, self._view_query()))

    def _view_query(self):
        """:return: SQL of the rows: a report's ``_columns()`` (``{field: SQL}``),
        ``_from()`` and ``_where()``
        """
        columns = SQL(", ").join(
            SQL("%s AS %s", column, SQL.identifier(name))
            for name, column in self._columns().items()
        )
        return SQL("SELECT %s FROM %s WHERE %s", columns, self._from(), self._where())

    @api.model
    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        # Compiling the query takes longer than it saves. Until the transaction ends.
        self.env.cr.execute(SQL("SET LOCAL jit = off"))
        terms = self._lean_terms(order, groupby)
        if not terms or offset or limit:
            return super()._read_group(
                domain, groupby, aggregates, having, offset, limit, order
            )
        groups = super()._read_group(domain, groupby, aggregates, having)
        return self._lean_sorted(groups, groupby, terms)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        specs = tuple(dict.fromkeys(x for groupby in grouping_sets for x in groupby))
        terms = self._lean_terms(order, specs) if order else []
        parts = self._lean_parts(aggregates)
        if terms is None or parts is None or len(grouping_sets) == 1:
            return super()._read_grouping_sets(
                domain, grouping_sets, aggregates, order=order
            )
        finest = self._read_group(domain, specs, parts)
        return [
            self._lean_sorted(
                self._lean_rolled_up(finest, specs, parts, groupby, aggregates),
                groupby,
                terms,
            )
            for groupby in grouping_sets
        ]

    def action_open(self):
        """Open the opportunities of these rows, with the rights of the user."""
        self.env["crm.chain.mixin"]._chain_check_ids(self._ids)
        return self.lead_id._get_records_action()

    # Order

    def _lean_terms(self, order, groupby):
        """:return: ``[(spec, whether descending)]`` of ``order``, or None where it is
        not made of the groups alone
        """
        terms = []
        for part in (order or "").split(","):
            spec, *direction = part.split() or [""]
            if spec not in groupby or [x.lower() for x in direction] > ["desc"]:
                return None
            terms.append((spec, [x.lower() for x in direction] == ["desc"]))
        return terms

    def _lean_sorted(self, groups, groupby, terms):
        """Sort as PostgreSQL would: by the order of the records, what is empty last."""
        groupby = list(groupby)
        for spec, descending in reversed(terms):
            if spec in groupby:
                place = groupby.index(spec)
                ranks = self._lean_ranks({group[place] for group in groups}, spec)
                groups = sorted(
                    groups,
                    key=lambda group, place=place, ranks=ranks: ranks[group[place]],
                    reverse=descending,
                )
        return groups

    def _lean_ranks(self, values, spec):
        """:return: ``{value: its place}``"""
        field = self._fields.get(spec)
        empty = [value for value in values if value is None or value is False]
        if field and field.type == "many2one":
            records = self.env[field.comodel_name].union(*values).sudo().sorted()
            empty, ordered = [records.browse()], list(records)
        else:
            ordered = sorted(value for value in values if value not in empty)
        return {value: rank for rank, value in enumerate([*ordered, *empty])}

    # Totals and subtotals

    def _lean_parts(self, aggregates):
        """:return: the aggregates to read of the finest groups, or None where totals
        cannot be made of them
        """
        parts = {"__count": None}
        for spec in aggregates:
            if spec != "__count":
                name, _colon, how = spec.partition(":")
                if how not in MADE_OF:
                    return None
                parts.update(dict.fromkeys(f"{name}:{part}" for part in MADE_OF[how]))
        return tuple(parts)

    def _lean_rolled_up(self, finest, specs, parts, groupby, aggregates):
        """:return: the groups by ``groupby``, made of those by ``specs``"""
        places = [specs.index(spec) for spec in groupby]
        totals = {} if groupby else {(): [0] * len(parts)}
        for row in finest:
            total = totals.setdefault(
                tuple(row[place] for place in places), [0] * len(parts)
            )
            for place, value in enumerate(row[len(specs) :]):
                total[place] += value or 0
        return [
            (*key, *self._lean_aggregates(parts, total, aggregates))
            for key, total in totals.items()
        ]

    def _lean_aggregates(self, parts, values, aggregates):
        total = dict(zip(parts, values, strict=True))
        for spec in aggregates:
            name, _colon, how = spec.partition(":")
            if how == "avg":
                count = total[f"{name}:count"]
                yield total[f"{name}:sum"] / count if count else False
            else:
                yield total[spec]

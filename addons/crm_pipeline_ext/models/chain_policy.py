from odoo import api, fields, models, tools
from odoo.exceptions import UserError


class ChainPolicy(models.Model):
    """Which steps of the chain a run takes, and how.

    Each company has one for all its sales and may have another for a sales team.
    """

    _name = "crm.chain.policy"
    _description = "Chain Policy"
    _order = "company_id, team_id, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        check_company=True,
        ondelete="restrict",
        help="The policy holds for the sales of this team; without one, for all "
        "sales of the company that no other policy holds for.",
    )
    last_step = fields.Selection(
        selection="_selection_last_step",
        string="Stop After",
        help="The last step that is taken; without one, all are.",
    )

    _one_default = models.UniqueIndex(
        "(company_id) WHERE active AND team_id IS NULL",
        "The company has a policy for all its sales already. Choose a sales team.",
    )
    _one_per_team = models.UniqueIndex(
        "(company_id, team_id) WHERE active AND team_id IS NOT NULL",
        "The sales team has a policy already. Change that one.",
    )

    @api.model
    def _selection_last_step(self):
        Lead = self.env["crm.lead"]
        labels = Lead._chain_step_labels()
        return [(step, labels[step]) for step in Lead._chain_steps()]

    # Which policy, which steps

    @api.model
    @tools.ormcache("company_id", "team_id")
    def _find(self, company_id, team_id):
        """:return: the id of the policy of these sales, whoever asks; False in a
        company that has none
        """
        policies = self.sudo().with_context(active_test=True)
        found = policies.search(
            [("company_id", "=", company_id), ("team_id", "in", [team_id, False])]
        )
        return found.sorted(lambda policy: not policy.team_id)[:1].id

    def _steps(self, last_step=False):
        """:param str last_step: a step to stop after, if it comes before the
            policy's own
        :return: the keys of the steps a run takes, first to last
        """
        keys = self.env["crm.lead"]._chain_steps()
        for last in (self.last_step, last_step):
            if last in keys:
                keys = keys[: keys.index(last) + 1]
        return list(filter(None, map(self._step_taken, keys)))

    def _step_taken(self, step):
        """:return: the key of what a run does at ``step``: the step itself, another
        one in its place, or False to leave it out
        """
        return step

    @tools.ormcache("self._ids")
    def _offered_steps(self):
        """:return: the keys of the steps that “Next Step” goes through"""
        keys = self.env["crm.lead"]._chain_steps()
        return tuple(filter(self._step_offered, keys))

    def _step_offered(self, step):
        """:return: whether ``step`` is offered to people as the next one"""
        return True

    # Keep one default for each company, and what is cached true

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not {"company_id", "team_id", "active"}.isdisjoint(vals):
            self._check_not_default()
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _check_not_default(self):
        for policy in self.filtered(lambda policy: not policy.team_id):
            raise UserError(
                self.env._(
                    "“%(policy)s” holds for all sales of %(company)s that have no "
                    "other policy. Change its settings, or make a policy for a sales "
                    "team.",
                    policy=policy.name,
                    company=policy.company_id.name,
                )
            )
